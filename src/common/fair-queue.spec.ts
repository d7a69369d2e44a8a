import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

function queueOf(items: string[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  items.forEach((item) => queue.push(item[0]!, item));
  return queue;
}

function drained(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let turn = queue.shift(); turn; turn = queue.shift()) {
    items.push(turn.item);
  }
  return items;
}

describe('FairQueue', () => {
  it.each<[string, string[], string[]]>([
    ['nothing', [], []],
    ['one owner', ['a1', 'a2', 'a3'], ['a1', 'a2', 'a3']],
    ['one of each', ['a1', 'b1', 'c1'], ['a1', 'b1', 'c1']],
    ['a flood before another', ['a1', 'a2', 'a3', 'b1', 'b2'], ['a1', 'b1', 'a2', 'b2', 'a3']],
  ])('%s', (_name, pushed, order) => {
    expect(drained(queueOf(pushed))).toEqual(order);
  });

  it('lets whoever was served wait for the others, also those who come later', () => {
    const queue = queueOf(['a1', 'a2', 'a3']);
    queue.shift();
    queue.push('b', 'b1');
    queue.push('a', 'a4');

    expect(drained(queue)).toEqual(['a2', 'b1', 'a3', 'a4']);
  });

  it('passes over whose turn may not be, and keeps the turn of those', () => {
    const queue = queueOf(['a1', 'a2', 'b1', 'c1']);

    expect(queue.shift((owner) => owner !== 'a')).toEqual({ owner: 'b', item: 'b1' });
    expect(queue.shift(() => false)).toBeUndefined();
    expect(drained(queue)).toEqual(['a1', 'c1', 'a2']);
  });

  it.each<[string, string, boolean, string[]]>([
    ["an item, and keeps its owner's turn,", 'a1', true, ['a2', 'b1']],
    ['the only one of its owner', 'b1', true, ['a1', 'a2']],
    ['one that is not there', 'a3', false, ['a1', 'b1', 'a2']],
    ['one of nobody who waits', 'c1', false, ['a1', 'b1', 'a2']],
  ])('gives %s up', (_name, item, wasWaiting, left) => {
    const queue = queueOf(['a1', 'a2', 'b1']);

    expect(queue.remove(item[0]!, item)).toBe(wasWaiting);
    expect([queue.size, drained(queue)]).toEqual([left.length, left]);
  });

  it('drops the latest of whoever has most', () => {
    const queue = queueOf(['a1', 'b1', 'b2', 'c1']);

    expect([queue.dropFromLongest(), queue.dropFromLongest()]).toEqual(['b2', 'a1']);
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b')]).toEqual([2, 0, 1]);
    expect(drained(queue)).toEqual(['b1', 'c1']);
  });

  it('is empty once it is cleared', () => {
    const queue = queueOf(['a1', 'b1']);
    queue.clear();

    expect([queue.size, queue.sizeOf('a'), queue.shift(), queue.dropFromLongest()]).toEqual([
      0,
      0,
      undefined,
      undefined,
    ]);
  });
});
