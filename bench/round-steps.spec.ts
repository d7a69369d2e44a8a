import { describe, expect, it } from 'vitest';
import { figuresOfWays, waysOf } from './round-steps.js';

const PAUSES = {
  loop: { p50: 0, p99: 0, max: 0 },
  stalls: { count: 0, totalMs: 0, maxMs: 0, cpuMs: 0 },
  collections: [],
};

describe('steps of messages', () => {
  it('counts from the send, and leaves out what was not followed from the beginning', () => {
    const messages = new Map([
      ['a', Float64Array.of(1_002, 1_005)],
      ['late', Float64Array.of(Number.NaN, 1_005)],
      ['of another round', Float64Array.of(1_000, 1_001)],
    ]);
    const times = new Map([
      ['a', { sentAt: 1_000, eventAt: 1_009 }],
      ['late', { sentAt: 1_000, eventAt: 1_009 }],
      ['never seen', { sentAt: 1_000 }],
    ]);

    expect(waysOf({ messages, times, pauses: PAUSES })).toEqual([[2, 5, 9]]);
  });

  it('says how long each step took, and how long it took the slowest', () => {
    const usual = Array.from({ length: 99 }, () => [1, 3, 6]);
    const [read, stored, received] = figuresOfWays(
      ['read', 'stored', 'received'],
      [...usual, [1, 43, 50], [2, 92, 100]],
    );

    expect(read).toEqual({
      place: 'read',
      took: { p50: 1, p95: 1, p99: 1, max: 2 },
      since: { p50: 1, p99: 1 },
      inSlowest: 1.5,
    });
    expect(stored).toMatchObject({ took: { p50: 2, p99: 42, max: 90 }, inSlowest: 66 });
    expect(received).toMatchObject({ since: { p50: 6, p99: 50 }, inSlowest: 7.5 });
  });

  it('puts the places in the order in which messages pass them', () => {
    const places = figuresOfWays(
      ['a', 'b', 'c'],
      [
        [1, 7, 9],
        [2, 6, 8],
        [1, 8, 5],
      ],
    );
    const others = figuresOfWays(
      ['a', 'b', 'c'],
      [
        [1, 9, 7],
        [2, 8, 6],
      ],
    );

    expect(places.map(({ place }) => place)).toEqual(['a', 'b', 'c']);
    expect(others.map(({ place, took }) => [place, took.max])).toEqual([
      ['a', 2],
      ['c', 6],
      ['b', 2],
    ]);
  });

  it('leaves out a place that no message passed, or some did not', () => {
    const [first, third, second] = figuresOfWays(['a', 'b', 'c'], [[1, Number.NaN, 5]]);
    const [, some] = figuresOfWays(
      ['a', 'b'],
      [
        [1, Number.NaN],
        [1, 4],
      ],
    );

    expect(first).toMatchObject({ place: 'a', took: { p50: 1 } });
    expect(second).toMatchObject({ place: 'b', took: { p50: undefined }, inSlowest: undefined });
    expect(third).toMatchObject({ place: 'c', took: { p50: 4 }, since: { p50: 5 } });
    expect(some).toMatchObject({ place: 'b', took: { p50: 3, max: 3 } });
  });
});
