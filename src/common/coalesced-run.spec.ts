import { describe, expect, it } from 'vitest';
import { CoalescedRun } from './coalesced-run.js';

/** Runs that end when they are told to. */
function startRuns() {
  const begun: PromiseWithResolvers<void>[] = [];
  const runs = new CoalescedRun(() => {
    const run = Promise.withResolvers<void>();
    begun.push(run);
    return run.promise;
  });
  return { runs, begun };
}

describe('CoalescedRun', () => {
  it.each([
    [1, 1],
    [2, 2],
    [5, 2],
  ])('asked for %i times at once, it runs %i times', async (asked, expected) => {
    const { runs, begun } = startRuns();
    const answers = Array.from({ length: asked }, () => runs.run());

    begun[0]!.resolve();
    await answers[0];
    begun[1]?.resolve();
    await Promise.all(answers);

    expect([begun.length, runs.isRunning]).toEqual([expected, false]);
  });

  it('answers who asks during a run with the next one', async () => {
    const { runs, begun } = startRuns();
    const order: string[] = [];
    const first = runs.run().then(() => order.push('first'));
    const second = runs.run().then(() => order.push('second'));

    begun[0]!.resolve();
    await first;
    expect(order).toEqual(['first']);
    begun[1]!.resolve();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('goes on after a run that failed, of which only those hear who asked for it', async () => {
    const { runs, begun } = startRuns();
    const [first, second] = [runs.run(), runs.run()];

    begun[0]!.reject(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    begun[1]!.resolve();

    await expect(second).resolves.toBeUndefined();
  });

  it('is settled when all that was asked for is over', async () => {
    const { runs, begun } = startRuns();
    await runs.settled();
    const [first] = [runs.run(), runs.run()];
    let isSettled = false;
    const settled = runs.settled().then(() => (isSettled = true));

    begun[0]!.resolve();
    await first;
    expect(isSettled).toBe(false);
    begun[1]!.resolve();

    await expect(settled).resolves.toBe(true);
  });
});
