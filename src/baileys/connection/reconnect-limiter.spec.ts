import { describe, expect, it, vi } from 'vitest';
import { ReconnectLimiter } from './reconnect-limiter.js';

describe('ReconnectLimiter', () => {
  it('lets so many in at a time, in the order in which they came', async () => {
    const limiter = new ReconnectLimiter(2);
    const entered: number[] = [];
    const entering = [0, 1, 2, 3].map(async (index) => {
      const release = await limiter.acquire();
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

  it('lets whom a person waits for go before those that come back by themselves', async () => {
    const limiter = new ReconnectLimiter(1);
    const release = await limiter.acquire();
    const entered: string[] = [];
    const enter = async (name: string, isUrgent: boolean) => {
      const done = await limiter.acquire(isUrgent);
      entered.push(name);
      done();
    };
    const entering = [enter('first', false), enter('second', false), enter('person', true)];
    release();
    await Promise.all(entering);

    expect(entered).toEqual(['person', 'first', 'second']);
  });

  it('spreads starts over time, also where there are slots for all', async () => {
    vi.useFakeTimers();
    const limiter = new ReconnectLimiter(100, 50, () => 0.5);
    let entered = 0;
    for (let index = 0; index < 100; index++) {
      void limiter.acquire().then(() => (entered += 1));
    }
    const seen = [];
    for (let step = 0; step < 5; step++) {
      await vi.advanceTimersByTimeAsync(1_000);
      seen.push(entered);
    }
    vi.useRealTimers();

    expect(seen).toEqual([21, 41, 61, 81, 100]);
  });
});
