import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnreadableAllowance, type UnreadableCost } from './unreadable-allowance.js';
import { boundRequests, boundResends } from './unreadable-requests.js';

const HOUR_MS = 60 * 60_000;

let allowance: UnreadableAllowance;

beforeEach(() => {
  vi.useFakeTimers();
  allowance = new UnreadableAllowance();
});

afterEach(() => {
  vi.useRealTimers();
});

function taken(chat: string, cost: UnreadableCost): number {
  let count = 0;
  while (allowance.take(chat, cost)) {
    count += 1;
  }
  return count;
}

describe('UnreadableAllowance', () => {
  it.each<[UnreadableCost, number, number]>([
    ['request', 1_000, 1_000],
    ['repeat', 50, 50],
    ['phone', 20, 20],
  ])('of %s: %i at once, and no more than %i after an hour', (cost, burst, later) => {
    const before = [taken('mallory', cost), taken('mallory', cost), taken('ana', cost)];
    vi.advanceTimersByTime(HOUR_MS);

    expect([...before, taken('mallory', cost)]).toEqual([burst, 0, burst, later]);
  });

  it('gives one back after each pause', () => {
    taken('mallory', 'phone');
    vi.advanceTimersByTime(59_000);
    const early = taken('mallory', 'phone');
    vi.advanceTimersByTime(61_000);

    expect([early, taken('mallory', 'phone')]).toEqual([0, 2]);
  });
});

/** As Baileys' bookkeeping, which counts by message. */
function managed(chat: string) {
  const counts = new Map<string, number>();
  const asked: string[] = [];
  const manager = {
    hasExceededMaxRetries: (id: string) => (counts.get(id) ?? 0) >= 5,
    getRetryCount: (id: string) => counts.get(id) ?? 0,
    schedulePhoneRequest: (id: string) => void asked.push(id),
  };
  boundRequests(manager, allowance, () => chat);
  /** @returns whether a new copy is asked for */
  const fails = (id: string): boolean => {
    if (manager.hasExceededMaxRetries(id)) {
      return false;
    }
    counts.set(id, manager.getRetryCount(id) + 1);
    manager.schedulePhoneRequest(id);
    return true;
  };
  return { fails, asked };
}

describe('requests for new copies', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `id ${index}`);

  it('are made for each message up to the bound, and the phone is asked for fewer', () => {
    const mallory = managed('mallory');
    const requested = ids(1_200).filter((id) => mallory.fails(id)).length;
    const ana = managed('ana');

    expect([requested, mallory.asked.length]).toEqual([1_000, 20]);
    expect([ana.fails('hers'), ana.asked]).toEqual([true, ['hers']]);
  });

  it('are repeated up to a bound of their own, as each costs a pre-key', () => {
    const { fails } = managed('mallory');
    const rounds = [1, 2, 3, 4].map(() => ids(30).filter((id) => fails(id)).length);

    expect(rounds).toEqual([30, 30, 20, 0]);
  });

  it('end where Baileys ends them', () => {
    const { fails } = managed('ana');

    expect([1, 2, 3, 4, 5, 6].map(() => fails('id'))).toEqual([true, true, true, true, true, false]);
  });
});

describe('messages without content', () => {
  it('are entered for the phone to be asked within the allowance of their chat, under any device', () => {
    const entered = new Map<string, unknown>();
    const cache = boundResends(
      {
        get: <T>(key: string) => entered.get(key) as T | undefined,
        set: (key, value) => void entered.set(key, value),
        del: (key) => void entered.delete(key),
        flushAll: () => entered.clear(),
      },
      allowance,
    );
    for (let index = 0; index < 60; index += 1) {
      void cache.set(`mallory ${index}`, { key: { remoteJid: `7:${index % 9}@lid` } });
    }
    void cache.set('ana', { key: { remoteJid: '8@lid' } });
    // By the phone's own schedule, which has its bound already.
    void cache.set('scheduled', true);

    expect(entered.size).toBe(22);
    expect(cache.get('ana')).toBeDefined();
  });
});
