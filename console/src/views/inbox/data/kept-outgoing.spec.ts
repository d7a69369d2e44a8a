import { expect, it } from 'vitest';
import { ApiError } from '../../../api/api-error.ts';
import { fromKept, toKept } from './kept-outgoing.ts';
import type { MessageDraft, Outgoing } from './outbox-queue.ts';

const AT = '2026-01-01T00:00:00.000Z';
const SOON = Date.parse(AT) + 60_000;
const message = (more: Partial<Omit<Outgoing, keyof MessageDraft> & MessageDraft> = {}): Outgoing => ({
  kind: 'message',
  key: 'k',
  state: 'waiting',
  at: AT,
  organizationId: 'org_123',
  contactId: 'ana',
  instanceId: 'i',
  to: '5511',
  afterId: 'm',
  text: 'hello',
  ...more,
});
const note: Outgoing = {
  kind: 'note',
  key: 'n',
  state: 'waiting',
  at: AT,
  organizationId: 'org_123',
  contactId: 'ana',
  afterId: undefined,
  text: 'a doctor',
};
const reread = (list: readonly Outgoing[], now = SOON) => fromKept(toKept(list, 'me') ?? null, 'me', now);

it('brings back texts and notes with their keys', () => {
  const reply = message({ replyTo: { id: 'q', content: 'when?' } });
  expect(reread([reply, note])).toEqual([reply, note]);
});

it('has wait what was being sent, which may or may not have arrived', () => {
  expect(reread([message({ state: 'sending', progress: 1 })])).toEqual([message()]);
});

it('brings back why one was refused', () => {
  const error = new ApiError('validation_failed', 400, 'too long', [{ path: 'message', message: 'long' }], 'r');
  const [back] = reread([message({ state: 'failed', error })]);
  expect(back!.error).toBeInstanceOf(ApiError);
  expect(back).toEqual(message({ state: 'failed', error }));
});

it('keeps nothing of what is stored, nor of files', () => {
  const file = { blob: new Blob(['x']), name: 'x', type: 'image' } as const;
  expect(toKept([message({ state: 'stored' }), message({ file })], 'me')).toBeUndefined();
});

it('is nothing for another session', () => {
  expect(fromKept(toKept([note], 'me')!, 'you', SOON)).toEqual([]);
  expect(fromKept(toKept([note], '')!, '', SOON)).toEqual([note]);
});

it('keeps no more than fits', () => {
  const long = Array.from({ length: 20 }, (_, index) => message({ key: `${index}`, text: 'x'.repeat(65_536) }));
  const kept = toKept(long, 'me')!;
  expect(kept.length).toBeLessThan(1_100_000);
  expect(fromKept(kept, 'me', SOON)).toEqual(long.slice(0, 15));
});

it('asks about what waited for more than a day before it is sent', () => {
  expect(reread([message()], Date.parse(AT) + 25 * 3_600_000)).toEqual([message({ state: 'failed' })]);
});

it.each([
  null,
  'nonsense',
  'null',
  '[]',
  '{"owner":"me","outgoing":{}}',
  '{"owner":"me","outgoing":[null,1,{"kind":"message"}]}',
])('makes nothing of %s', (kept) => {
  expect(fromKept(kept, 'me', SOON)).toEqual([]);
});
