import { describe, expect, it } from 'vitest';
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
});
