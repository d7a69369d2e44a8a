import { expect, it } from 'vitest';
import type { Message, Note } from '../data/conversations.ts';
import type { MessageDraft, Outgoing } from '../data/outbox-queue.ts';
import { notShownYet } from './rows.ts';

const message = (id: string, content: string, direction: Message['direction'] = 'outbound') =>
  ({ id, content, direction, type: 'text' }) as Message;
type Way = Partial<Omit<Outgoing, keyof MessageDraft> & MessageDraft>;
const outgoing = (key: string, more: Way): Outgoing => ({
  key,
  kind: 'message',
  organizationId: 'org_123',
  contactId: 'c',
  instanceId: 'i',
  to: '5511',
  text: 'hello',
  state: 'sending',
  afterId: 'old',
  at: '2026-01-01T00:00:00.000Z',
  ...more,
});
const OLD = message('old', 'hello');

it.each<[string, Way[], Message[], string[]]>([
  ['is on its way', [{}], [OLD], ['0']],
  ['is told of before the call is answered', [{}], [message('new', 'hello'), OLD], []],
  ['was answered, and is not told of yet', [{ state: 'stored', storedId: 'new' }], [OLD], ['0']],
  ['was answered and told of', [{ state: 'stored', storedId: 'new' }], [message('new', 'hello'), OLD], []],
  ['is the same as what the customer wrote', [{}], [message('new', 'hello', 'inbound'), OLD], ['0']],
  ['failed', [{ state: 'failed' }], [message('new', 'hello'), OLD], ['0']],
  ['is written twice, and told of once', [{}, {}], [message('new', 'hello'), OLD], ['1']],
  [
    'is written twice, of which the first is stored',
    [{ state: 'stored', storedId: 'new' }, {}],
    [message('new', 'hello'), OLD],
    ['1'],
  ],
  ['is the first of a conversation', [{ afterId: undefined }], [message('new', 'hello')], []],
])('shows what %s', (_what, list, messages, shown) => {
  const all = list.map((more, index) => outgoing(String(index), more));

  expect(notShownYet(all, messages, []).map(({ key }) => key)).toEqual(shown);
});

it('takes no message for a note of the same words, nor what the owner wrote on the phone', () => {
  const note = { ...outgoing('0', { afterId: undefined }), kind: 'note', text: 'hello' } as Outgoing;
  const stored = (source: Note['source']) => ({ id: 'n', content: 'hello', type: 'text', source }) as Note;

  expect(notShownYet([note], [message('new', 'hello')], [stored('phone')])).toEqual([note]);
  expect(notShownYet([note], [], [stored('person')])).toEqual([]);
});
