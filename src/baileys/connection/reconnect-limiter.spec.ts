import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReconnectLimiter, type Start, type StartKind } from './reconnect-limiter.js';

/** `kind organization`, as the tables below have it. */
function startOf(text: string): Start {
  const [kind, organizationId] = text.split(' ') as [StartKind, string];
  return { kind, organizationId };
}

/** Holds one slot after the other: each one that is let in gives its slot back at once. */
async function orderOf(limiter: ReconnectLimiter, starts: string[], free: () => void): Promise<string[]> {
  const entered: string[] = [];
  const entering = starts.map(async (text) => {
    const done = await limiter.acquire(startOf(text));
    entered.push(text);
    done();
  });
  free();
  await Promise.all(entering);
  return entered;
}

describe('ReconnectLimiter, while starts fail', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** Starts one after the other that end at once. @returns the time from each one's start to the next one's, in ms */
  async function pausesBetween(limiter: ReconnectLimiter, outcomes: boolean[]): Promise<number[]> {
    const startedAt: number[] = [];
    for (const hasFailed of outcomes) {
      const entering = limiter.acquire({ organizationId: 'a', kind: 'returning' });
      await vi.runAllTimersAsync();
      (await entering)(hasFailed);
      startedAt.push(Date.now());
    }
    return startedAt.slice(1).map((at, index) => at - startedAt[index]!);
  }

  it('takes twice as long between them with each, up to a bound, and half as long with each that succeeds', async () => {
    const limiter = new ReconnectLimiter(10, 100, () => 0.5);
    const [failed, succeeded] = [true, false];

    const pauses = await pausesBetween(limiter, [
      succeeded,
      ...Array.from({ length: 6 }, () => failed),
      ...Array.from({ length: 6 }, () => succeeded),
    ]);

    // What a start came to is known after the next one's time was set.
    expect(pauses).toEqual([100, 100, 200, 400, 800, 1_600, 1_600, 1_600, 800, 400, 200, 100]);
  });

  it('counts a start once, however often its slot is given back', async () => {
    const limiter = new ReconnectLimiter(10, 100, () => 0.5);
    const entering = limiter.acquire({ organizationId: 'a', kind: 'returning' });
    const giveBack = await entering;
    giveBack(true);
    giveBack(true);
    giveBack(true);

    expect(await pausesBetween(limiter, [true, true])).toEqual([200]);
  });
});

describe('ReconnectLimiter', () => {
  it('lets so many in at a time, in the order in which they came', async () => {
    const limiter = new ReconnectLimiter(2);
    const entered: number[] = [];
    const entering = ['a', 'b', 'c', 'd'].map(async (organizationId, index) => {
      const release = await limiter.acquire({ organizationId, kind: 'returning' });
      entered.push(index);
      return release;
    });
    const [first] = await Promise.all([entering[0], entering[1]]);
    expect({ entered: [...entered], waiting: limiter.waitingCount }).toEqual({ entered: [0, 1], waiting: 2 });

    first!();
    first!();
    await entering[2];

    expect({ entered, waiting: limiter.waitingCount }).toEqual({ entered: [0, 1, 2], waiting: 1 });
  });

  it.each<[string, string[], string[]]>([
    [
      'organizations take turns, however much one wants',
      ['returning a', 'returning a', 'returning a', 'returning b', 'returning c', 'returning b'],
      ['returning a', 'returning b', 'returning c', 'returning a', 'returning b', 'returning a'],
    ],
    [
      'whom a person waits for goes before those that come back by themselves',
      ['returning a', 'returning b', 'urgent c'],
      ['urgent c', 'returning a', 'returning b'],
    ],
    [
      'what was on line goes before what was not',
      ['pairing a', 'pairing a', 'pairing c', 'returning b', 'urgent b'],
      ['urgent b', 'returning b', 'pairing a', 'pairing c', 'pairing a'],
    ],
    [
      'phones are linked also while very much comes back',
      ['pairing c', ...Array.from({ length: 6 }, () => 'returning a'), 'urgent b', 'urgent b', 'urgent b'],
      [
        'urgent b',
        'returning a',
        'urgent b',
        'returning a',
        'pairing c',
        'urgent b',
        ...Array.from({ length: 4 }, () => 'returning a'),
      ],
    ],
  ])('%s', async (_name, starts, expected) => {
    const limiter = new ReconnectLimiter(1);
    // The last in turn.
    const release = await limiter.acquire(startOf('pairing x'));

    expect(await orderOf(limiter, starts, release)).toEqual(expected);
  });

  it.each<[string, string, number]>([
    ['linking phones of one organization takes no more than a fifth', 'pairing a', 2],
    ['linking phones of all takes no more than half', 'pairing *', 5],
    ['one organization takes no more than most', 'returning a', 8],
    ['all together take everything', 'returning *', 10],
  ])('%s', async (_name, text, expected) => {
    const limiter = new ReconnectLimiter(10);
    let entered = 0;
    const { kind, organizationId } = startOf(text);
    for (let index = 0; index < 300; index++) {
      const own = organizationId === '*' ? `organization ${index}` : organizationId;
      void limiter.acquire({ kind, organizationId: own }).then(() => (entered += 1));
    }
    await new Promise(setImmediate);

    expect(entered).toBe(expected);
    expect(limiter.waitingCount).toBe(300 - expected);
  });

  it('lets others in beside one that holds all it may', async () => {
    const limiter = new ReconnectLimiter(10);
    for (let index = 0; index < 300; index++) {
      void limiter.acquire(startOf('pairing a'));
      void limiter.acquire(startOf('returning a'));
    }

    await limiter.acquire(startOf('returning b'));
    await limiter.acquire(startOf('pairing c'));

    expect(limiter.waitingCount).toBeGreaterThan(580);
  });

  describe('with time between starts', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });

    afterEach(() => {
      vi.useRealTimers();
    });

    it('spreads starts over time, also where there are slots for all', async () => {
      const limiter = new ReconnectLimiter(1_000, 50, () => 0.5);
      let entered = 0;
      for (let index = 0; index < 100; index++) {
        void limiter.acquire(startOf('returning a')).then(() => (entered += 1));
      }
      const seen = [];
      for (let step = 0; step < 5; step++) {
        await vi.advanceTimersByTimeAsync(1_000);
        seen.push(entered);
      }

      expect(seen).toEqual([21, 41, 61, 81, 100]);
    });

    it('loses no time with those that nobody wants any more', async () => {
      const limiter = new ReconnectLimiter(1_000, 50, () => 0.5);
      const unwanted = new AbortController();
      const given = [];
      for (let index = 0; index < 500; index++) {
        given.push(limiter.acquire(startOf('pairing a'), unwanted.signal));
      }
      unwanted.abort();
      for (const release of await Promise.all(given)) {
        release();
      }
      expect(limiter.waitingCount).toBe(0);
      let isIn = false;
      void limiter.acquire(startOf('pairing b')).then(() => (isIn = true));
      await vi.advanceTimersByTimeAsync(50);

      expect(isIn).toBe(true);
    });
  });
});
