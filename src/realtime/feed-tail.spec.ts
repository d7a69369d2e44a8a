import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../common/whatsapp-events.js';
import { FeedTail } from './feed-tail.js';

const event = (sequence: number, text = '') =>
  ({ organizationId: 'o', sequence, payload: { text } }) as unknown as StoredEvent;

function filled(from: number, count: number, text?: string): FeedTail {
  const tail = new FeedTail(from);
  for (let sequence = from + 1; sequence <= from + count; sequence += 1) {
    tail.push(event(sequence, text));
  }
  return tail;
}

const after = (tail: FeedTail, sequence: number) => tail.after(sequence)?.map((one) => one.sequence);

describe('FeedTail', () => {
  it.each([
    ['all', 10, [11, 12, 13]],
    ['some', 12, [13]],
    ['none', 13, []],
    ['none yet', 14, []],
    ['too far behind', 9, undefined],
  ])('has of those that follow %s', (_case, sequence, expected) => {
    expect(after(filled(10, 3), sequence)).toEqual(expected);
  });

  it('keeps a bounded number', () => {
    const tail = filled(0, 1_000);

    expect(after(tail, 799)).toBeUndefined();
    expect(after(tail, 800)).toHaveLength(200);
  });

  it('keeps a bounded length, of one that is too long none', () => {
    const tail = filled(0, 10, 'x'.repeat(60_000));
    expect(after(tail, 5)).toBeUndefined();
    expect(after(tail, 6)).toEqual([7, 8, 9, 10]);

    tail.push(event(11, 'x'.repeat(300_000)));
    expect(after(tail, 10)).toBeUndefined();
    expect(after(tail, 11)).toEqual([]);
  });

  it('knows of holes in what is kept', () => {
    const tail = filled(0, 2);
    tail.push(event(5));

    expect(after(tail, 2)).toEqual([5]);
  });
});
