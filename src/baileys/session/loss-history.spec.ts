import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DisconnectAction, DisconnectCause } from '../../common/disconnect-reasons.js';
import { SessionSettings } from '../settings/session-settings.js';
import { LossHistory } from './loss-history.js';

const settings = new SessionSettings();
const MINUTE = 60_000;

let history: LossHistory;

function judge(action: DisconnectAction, cause: DisconnectCause, pauseMs?: number) {
  return history.judge({ action, cause, alert: false, ...(pauseMs !== undefined && { pauseMs }) });
}

beforeEach(() => {
  vi.useFakeTimers();
  history = new LossHistory(settings);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('LossHistory', () => {
  it.each([
    ['restart', 'restart_required', 'restart_asked'],
    ['retry', 'network', 'line_lost'],
    ['stop', 'banned', 'banned'],
    ['stop', 'device_refused', 'refused'],
    ['stop', 'temporarily_banned', 'refused'],
    ['wipe', 'logged_out', 'unlinked'],
  ] as const)('takes %s for %s for %s, however often it comes', (action, cause, event) => {
    expect([judge(action, cause), judge(action, cause)]).toEqual([event, event]);
    expect(history.lastCause).toBe(cause);
  });

  it('lets another client take the place once in a while', () => {
    const first = judge('contest', 'replaced');
    history.opened();
    vi.advanceTimersByTime(settings.replaced.windowMs);
    const later = judge('contest', 'replaced');
    vi.advanceTimersByTime(settings.replaced.windowMs - 1);

    expect([first, later, judge('contest', 'replaced')]).toEqual(['replaced', 'replaced', 'replaced_again']);
  });

  it('waits for one ban, until it was on line again', () => {
    const events = [
      judge('pause', 'temporarily_banned', MINUTE),
      judge('retry', 'network'),
      judge('pause', 'temporarily_banned', MINUTE),
    ];
    history.opened();

    expect(events).toEqual(['banned_for_a_while', 'line_lost', 'banned_again']);
    expect(judge('pause', 'temporarily_banned', MINUTE)).toBe('banned_for_a_while');
  });

  it('does not wait for one that lasts too long', () => {
    expect(judge('pause', 'temporarily_banned', settings.ban.maxMs + 1)).toBe('banned_again');
  });

  it('knows until when it is banned, and forgets that with the time and on line', () => {
    const until = history.banned(MINUTE);
    const during = history.bannedUntil;
    vi.advanceTimersByTime(MINUTE);
    const after = history.bannedUntil;
    history.banned(MINUTE);
    history.opened();

    expect([during, after, history.bannedUntil, history.lastCause]).toEqual([
      until,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
