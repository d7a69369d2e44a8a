import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import type { TickPart, TickQuestions, TicksRepository } from '../repositories/ticks.repository.js';
import { TickSettings, tickSettingsFor } from './tick-settings.js';
import { Ticker, type TickMember } from './ticker.js';

const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;

function aTicker(settings: TickSettings = new TickSettings(), leaseSeconds = 15) {
  const tick = vi.fn<(questions: TickQuestions) => Promise<object>>((questions) =>
    Promise.resolve(Object.fromEntries(Object.keys(questions).map((part) => [part, `answer ${part}`]))),
  );
  const ticks = { tick } as unknown as TicksRepository;
  const ticker = new Ticker(ticks, settings, { leaseSeconds } as AppConfig, logs);
  const heard: unknown[] = [];
  const member = <Part extends TickPart>(part: Part, everyMs: number, more: Partial<TickMember<Part>> = {}) =>
    ticker.join<Part>({
      part,
      everyMs,
      ask: () => true as never,
      answered: (answer) => heard.push(answer),
      ...more,
    });
  return { ticker, tick, member, heard, parts: () => tick.mock.calls.map(([asked]) => Object.keys(asked)) };
}

describe('Ticker', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks what is due in one call, in the order in which it is answered, and tells each its own answer', async () => {
    const { tick, member, heard } = aTicker();
    member('inbox', 5_000);
    member('work', 0);
    member('heartbeat', 5_000);
    member('heads', 0, { ask: () => undefined });

    await vi.advanceTimersByTimeAsync(1_000);

    expect(tick).toHaveBeenCalledOnce();
    expect(Object.keys(tick.mock.lastCall![0])).toEqual(['heartbeat', 'work', 'inbox']);
    expect(heard).toEqual(['answer heartbeat', 'answer work', 'answer inbox']);
  });

  it.each([
    // [period, everyMs, at least, at most] in ten minutes
    [1_000, 0, 600, 680],
    [1_000, 5_000, 100, 125],
    [5_000, 5_000, 118, 136],
    [5_000, 60_000, 9, 11],
  ])('with a period of %i ms asks every %i ms', async (periodMs, everyMs, least, most) => {
    const { member, parts } = aTicker(Object.assign(new TickSettings(), { periodMs }));
    member('work', 0);
    member('keys', everyMs);
    await vi.advanceTimersByTimeAsync(600_000);
    const asked = parts().filter((part) => part.includes('keys')).length;
    expect(asked).toBeGreaterThanOrEqual(least);
    expect(asked).toBeLessThanOrEqual(most);
  });

  it('is never slower than leases allow', async () => {
    const { member, tick } = aTicker(tickSettingsFor(true), 5);
    member('heartbeat', 5_000 / 3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tick.mock.calls.length).toBeGreaterThanOrEqual(36);
  });

  it('asks at once when told to, once more for what is told meanwhile, and then at its own pace', async () => {
    const { member, tick } = aTicker(tickSettingsFor(true));
    const answer = Promise.withResolvers<object>();
    const seat = member('callers', 0);
    tick.mockReturnValueOnce(answer.promise);

    void seat.soon();
    const again = seat.soon();
    void seat.soon();
    expect(tick).toHaveBeenCalledTimes(1);
    answer.resolve({});
    await again;

    expect(tick).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(tick).toHaveBeenCalledTimes(2);
  });

  it('hurries for a while, and keeps appointments', async () => {
    const { member, tick } = aTicker(tickSettingsFor(true));
    const seat = member('work', 0);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(tick).toHaveBeenCalledTimes(1);
    seat.within(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tick).toHaveBeenCalledTimes(2);

    seat.hurry();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tick.mock.calls.length).toBeGreaterThanOrEqual(11);
    tick.mockClear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tick.mock.calls.length).toBeLessThanOrEqual(5);
  });

  it('asks again soon after a failure, all that was asked, and gives a call up that hangs', async () => {
    const { ticker, member, tick, parts } = aTicker(tickSettingsFor(true));
    const failed = vi.fn<(error: unknown) => void>();
    member('work', 0, { failed });
    member('inbox', 60_000);
    tick.mockReturnValueOnce(Promise.withResolvers<object>().promise);

    await vi.advanceTimersByTimeAsync(5_000 + 5_000);
    expect(failed).toHaveBeenCalledOnce();
    expect(failed.mock.lastCall![0]).toMatchObject({ code: 'database_unavailable' });
    expect(ticker.lastAnswer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(parts()).toEqual([['work', 'inbox'], ['work'], ['inbox']]);
    expect(ticker.lastAnswer).toBeDefined();
  });

  it('beats on in time while another part takes too long, and asks everything together once that is over', async () => {
    const { member, tick, parts } = aTicker(tickSettingsFor(true));
    const beaten: number[] = [];
    member('heartbeat', 5_000, { answered: () => void beaten.push(performance.now()) });
    member('work', 0);
    member('inbox', 5_000);
    const announced = vi.fn<(answer: unknown) => void>();
    member('keys', 5_000, { answered: announced });
    let isSlow = true;
    tick.mockImplementation(async (questions) => {
      if ('inbox' in questions && isSlow) {
        await new Promise((resolve) => setTimeout(resolve, 8_000));
        throw new Error('canceling statement due to statement timeout');
      }
      return Object.fromEntries(Object.keys(questions).map((part) => [part, 1]));
    });

    await vi.advanceTimersByTimeAsync(120_000);
    const pauses = beaten.slice(1).map((at, index) => at - beaten[index]!);
    expect(beaten[0]).toBeLessThan(15_000);
    expect(Math.max(...pauses)).toBeLessThan(6_000);
    expect(beaten.length).toBeGreaterThan(20);
    expect(announced.mock.calls.length).toBeGreaterThan(18);

    isSlow = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(parts().at(-1)).toEqual(['heartbeat', 'work', 'keys', 'inbox']);
  });

  it('never lets anything wait for a sweep, and asks for that again after a rest', async () => {
    const { member, tick, parts } = aTicker(tickSettingsFor(true));
    member('heartbeat', 5_000);
    const failed = vi.fn<(error: unknown) => void>();
    const seat = member('drained', 60_000, { failed });
    tick.mockImplementation(async (questions) => {
      if ('drained' in questions) {
        await new Promise((resolve) => setTimeout(resolve, 8_000));
        throw new Error('canceling statement due to statement timeout');
      }
      return {};
    });

    await vi.advanceTimersByTimeAsync(60_000);
    const asked = parts().map((all) => all.join());
    expect(new Set(asked)).toEqual(new Set(['heartbeat', 'drained']));
    expect(asked.filter((all) => all === 'heartbeat').length).toBeGreaterThanOrEqual(11);
    expect(asked.filter((all) => all === 'drained').length).toBeLessThanOrEqual(4);
    expect(failed.mock.calls.length).toBeGreaterThanOrEqual(2);
    await Promise.all([seat.leave(), vi.advanceTimersByTimeAsync(5_000)]);
  });

  it('asks sweeps together, also those that began apart', async () => {
    const { member, parts } = aTicker(tickSettingsFor(true));
    member('heartbeat', 5_000);
    member('drained', 60_000);
    await vi.advanceTimersByTimeAsync(20_000);
    member('closings', 60_000);
    await vi.advanceTimersByTimeAsync(220_000);

    const sweeps = parts().filter((all) => !all.includes('heartbeat'));
    expect(sweeps.slice(2).map((all) => all.join())).toEqual(
      sweeps.slice(2).map(() => ['drained', 'closings'].join()),
    );
    expect(sweeps.length).toBeGreaterThanOrEqual(4);
  });

  it('takes the failure of one part for that of no other', async () => {
    const { ticker, member, tick, heard, parts } = aTicker();
    const failed = vi.fn<(error: unknown) => void>();
    member('work', 0);
    member('heads', 60_000, { failed });
    const fault = new Error('no');
    tick.mockResolvedValueOnce({ work: 'answer work', failed: new Map([['heads', fault]]) });

    await vi.advanceTimersByTimeAsync(2_000);

    expect(failed).toHaveBeenCalledExactlyOnceWith(fault);
    expect(heard).toEqual(['answer work', 'answer work', 'answer heads']);
    expect(parts()).toEqual([
      ['work', 'heads'],
      ['work', 'heads'],
    ]);
    expect(ticker.lastAnswer).toBeDefined();
  });

  it('goes on when somebody can not take an answer', async () => {
    const { member, heard } = aTicker();
    member('work', 0, {
      answered: () => {
        throw new Error('no');
      },
    });
    member('inbox', 0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(heard).toEqual(['answer inbox', 'answer inbox']);
  });

  it('ends with the last who takes part, and tells nothing to those who left', async () => {
    const { member, tick, heard } = aTicker();
    const answer = Promise.withResolvers<object>();
    tick.mockReturnValueOnce(answer.promise);
    const seat = member('work', 0);
    void seat.soon();
    const left = seat.leave();
    answer.resolve({ work: 1 });
    await left;

    expect([heard, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
