import { expect, it } from 'vitest';
import type { Message, Note } from './conversations.ts';
import { entriesOf } from './timeline.ts';

const at = (second: number, ms = 0) => new Date(Date.UTC(2026, 0, 1, 12, 0, second, ms)).toISOString();
const one = (id: string, sentAt: string, storedAt = sentAt) => ({ id, sent_at: sentAt, created_at: storedAt });
const read = <Item>(items: object[] | undefined, hasNextPage = false) => ({
  items: items as Item[] | undefined,
  hasNextPage,
});
const ids = (messages: ReturnType<typeof read<Message>>, notes: ReturnType<typeof read<Note>>) =>
  entriesOf(messages, notes)?.map((entry) => (entry.kind === 'message' ? entry.message.id : entry.note.id));

it('has messages and notes stand in the order in which they were written', () => {
  expect(
    ids(read([one('m3', at(5)), one('m1', at(1))]), read([one('n4', at(6)), one('n2', at(3))])),
  ).toEqual(['m1', 'n2', 'm3', 'n4']);
});

it('has the order of storing count within the second that WhatsApp tells', () => {
  const answer = one('answer', at(5), at(5, 900));
  const question = one('question', at(5, 400));

  expect(ids(read([answer, question]), read([]))).toEqual(['question', 'answer']);
});

it('has what was stored at once stand in the order of the list, such as what came while the service was away', () => {
  const lists = [
    read<Message>([one('m2', at(5), at(9)), one('m1', at(5), at(9))]),
    read<Note>([one('n2', at(7)), one('n1', at(7))]),
  ] as const;

  expect(ids(...lists)).toEqual(['m1', 'm2', 'n1', 'n2']);
});

it('has what is stored late, such as a history, stand where it was written', () => {
  expect(ids(read([one('old', at(1), at(9)), one('new', at(5))]), read([]))).toEqual(['old', 'new']);
});

it('goes no further back than both lists were read', () => {
  const messages = [one('m3', at(5)), one('m2', at(4))];
  const notes = [one('n1', at(1))];

  expect(ids(read(messages, true), read(notes))).toEqual(['m2', 'm3']);
  expect(ids(read(messages), read(notes))).toEqual(['n1', 'm2', 'm3']);
  expect(ids(read(undefined), read(notes))).toBeUndefined();
});
