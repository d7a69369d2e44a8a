import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RepeatedTask, type RepeatedTaskOptions } from './repeated-task.js';

const EVERY_MS = 1_000;
let runs: number[];
let failures: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  [runs, failures] = [[], []];
});

afterEach(() => {
  vi.useRealTimers();
});

/** Notes when each run began, in ms since now. */
function taskOf(work: () => unknown, options: Partial<RepeatedTaskOptions> = {}): RepeatedTask {
  const startedAt = performance.now();
  const task = () => {
    runs.push(Math.round(performance.now() - startedAt));
    return work();
  };
  return new RepeatedTask(task, {
    everyMs: EVERY_MS,
    onFailure: (error) => failures.push(error),
    ...options,
  });
}

const takes = (ms: number) => () => new Promise((resolve) => setTimeout(resolve, ms));
const evenly = (tookMs: number) => Math.max(EVERY_MS - tookMs, 1);

describe('RepeatedTask', () => {
  it.each<[string, () => unknown, Partial<RepeatedTaskOptions>, number[]]>([
    ['after each pause', () => undefined, {}, [1_000, 2_000, 3_000]],
    ['sooner for the first time', () => undefined, { firstAfterMs: 10 }, [10, 1_010, 2_010, 3_010]],
    ['with the pause after the end of a run', takes(600), {}, [1_000, 2_600]],
    ['in an even beat', takes(600), { everyMs: evenly }, [1_000, 2_000, 3_000]],
    ['without an overlap where a run takes too long', takes(1_500), { everyMs: evenly }, [1_000, 2_501]],
  ])('runs %s', async (_name, work, options, expected) => {
    const task = taskOf(work, options);
    task.start();
    task.start();

    await vi.advanceTimersByTimeAsync(3_500);

    expect(runs).toEqual(expected);
  });

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('gone'))],
    [
      'throws',
      () => {
        throw new Error('gone');
      },
    ],
  ])('goes on after a run that %s', async (_name, work) => {
    taskOf(work).start();

    await vi.advanceTimersByTimeAsync(2_500);

    expect([runs, failures]).toEqual([
      [1_000, 2_000],
      [new Error('gone'), new Error('gone')],
    ]);
  });

  it('stops: waits for the run under way, and begins none until it is started again', async () => {
    const task = taskOf(takes(500));
    task.start();
    await vi.advanceTimersByTimeAsync(1_200);
    let isOver = false;
    const stopped = task.stop().then(() => (isOver = true));

    await vi.advanceTimersByTimeAsync(100);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
    expect(runs).toEqual([1_000]);

    task.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toHaveLength(2);
  });

  it('can be stopped by its own run', async () => {
    const task: RepeatedTask = taskOf(() => void task.stop());
    task.start();

    await vi.advanceTimersByTimeAsync(5_000);

    expect(runs).toEqual([1_000]);
  });

  it.each([
    [true, false],
    [false, true],
  ])('unref %s: keeps the process alive: %s', (unref, expected) => {
    const task = taskOf(() => undefined, { unref });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    task.start();

    expect((timers.mock.results[0]!.value as NodeJS.Timeout).hasRef()).toBe(expected);
    timers.mockRestore();
  });
});
