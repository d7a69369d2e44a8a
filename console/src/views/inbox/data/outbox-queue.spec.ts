import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../../../api/api-error.ts';
import { type Deliver, type MessageDraft, type Outgoing, OutboxQueue } from './outbox-queue.ts';

const NO_LINE = new ApiError('network', 0, 'no answer');
const REFUSED = new ApiError('validation_failed', 400, 'too long');
const NOT_NOW = new ApiError('whatsapp_unavailable', 503, 'not now');

/** What the service was asked, in order, and its answers: those that are given, then success. */
let asked: Outgoing[];
let answers: (Error | Promise<string>)[];
let outbox: OutboxQueue;

const deliver: Deliver = (outgoing) => {
  asked.push(outgoing);
  const answer = answers.shift();
  return answer instanceof Error ? Promise.reject(answer) : (answer ?? Promise.resolve(`m ${outgoing.text}`));
};
const draft = (text: string, contactId = 'ana'): MessageDraft => ({
  kind: 'message',
  organizationId: 'org_123',
  contactId,
  instanceId: 'i',
  to: '5511',
  afterId: undefined,
  text,
});
const texts = () => asked.map(({ text }) => text);
const states = () => outbox.snapshot().map(({ text, state }) => `${text} ${state}`);
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answers = [];
  outbox = new OutboxQueue(deliver);
});
afterEach(() => vi.useRealTimers());

it('sends to a contact one after the other, and to others meanwhile', async () => {
  let answer = (_id: string): void => undefined;
  answers = [new Promise((resolve) => (answer = resolve))];
  outbox.send(draft('one'));
  outbox.send(draft('two'));
  outbox.send(draft('other', 'bruno'));
  await settle();
  expect(texts()).toEqual(['one', 'other']);
  answer('m one');
  await settle();

  expect(texts()).toEqual(['one', 'other', 'two']);
  expect(outbox.snapshot().map(({ storedId }) => storedId)).toEqual(['m one', 'm two', 'm other']);
});

it('waits for the line, and sends in order under the same keys when it is back', async () => {
  answers = [NO_LINE];
  outbox.send(draft('one'));
  await settle();
  outbox.send(draft('two'));
  expect(states()).toEqual(['one waiting', 'two waiting']);
  outbox.wake();
  await settle();

  expect(texts()).toEqual(['one', 'one', 'two']);
  expect(asked[1]!.key).toBe(asked[0]!.key);
  expect(asked[2]!.key).not.toBe(asked[0]!.key);
  expect(states()).toEqual(['one stored', 'two stored']);
});

it('tries by itself as long as there is no line, and never doubles what is on its way', async () => {
  answers = Array.from({ length: 20 }, () => NO_LINE);
  outbox.send(draft('one'));
  await vi.advanceTimersByTimeAsync(60_000);
  outbox.wake();
  outbox.wake();
  expect(states()).toEqual(['one waiting']);
  await vi.advanceTimersByTimeAsync(180_000);

  expect(states()).toEqual(['one stored']);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  expect(asked).toHaveLength(21);
});

it('keeps what was refused, goes on with the next, and tries it again when it is asked to', async () => {
  answers = [REFUSED];
  outbox.send(draft('one'));
  outbox.send(draft('two'));
  await settle();
  expect(states()).toEqual(['one failed', 'two stored']);
  expect(outbox.snapshot()[0]!.error).toBe(REFUSED);
  outbox.retry(outbox.snapshot()[0]!.key);
  await settle();

  expect(states()).toEqual(['one stored', 'two stored']);
  outbox.drop(outbox.snapshot().map(({ key }) => key));
  expect(outbox.snapshot()).toEqual([]);
});

it('gives up where the service says again and again that it can not', async () => {
  answers = Array.from({ length: 5 }, () => NOT_NOW);
  outbox.send(draft('one'));
  await vi.advanceTimersByTimeAsync(60_000);

  expect(states()).toEqual(['one failed']);
  expect(asked).toHaveLength(5);
});

it('sends nothing any more once it is cleared', async () => {
  answers = [NO_LINE];
  outbox.send(draft('one'));
  await settle();
  outbox.clear();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(asked).toHaveLength(1);
  expect(outbox.snapshot()).toEqual([]);
});

it('goes on with what was restored, under the same keys, and leaves alone what had failed', async () => {
  const before = (text: string, state: Outgoing['state']): Outgoing => ({
    ...draft(text),
    key: `key of ${text}`,
    state,
    at: '2026-01-01T00:00:00.000Z',
  });
  outbox.restore([before('one', 'waiting'), before('refused', 'failed'), before('two', 'waiting')]);
  await settle();

  expect(asked.map(({ key }) => key)).toEqual(['key of one', 'key of two']);
  expect(states()).toEqual(['one stored', 'refused failed', 'two stored']);
});

it('stores a note while a message to the same contact waits', async () => {
  answers = [NOT_NOW];
  const { organizationId, contactId } = draft('one');
  outbox.send(draft('one'));
  outbox.send({ kind: 'note', organizationId, contactId, afterId: undefined, text: 'a note' });
  await settle();

  expect(states()).toEqual(['one waiting', 'a note stored']);
});

it.each([
  ['image', 'a caption', ['image a caption']],
  ['image', 'x'.repeat(1_025), ['image', `text ${'x'.repeat(1_025)}`]],
  ['audio', 'listen', ['audio', 'text listen']],
  ['voice', '', ['voice']],
] as const)('sends with %s what can be its caption, and else after it', async (type, text, sent) => {
  outbox.send({ ...draft(text), file: { blob: new Blob(['x']), name: 'file', type } });
  await settle();

  expect(asked.map((one) => `${one.file?.type ?? 'text'} ${one.text ?? ''}`.trim())).toEqual(sent);
});
