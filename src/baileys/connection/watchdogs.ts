import type { Logger } from 'pino';

/**
 * What a watchdog noticed, and Baileys would not have.
 * - `deaf`: the handling of a stanza does not end, so that nothing behind it is handled
 * - `line_silent`: the line looks open and a ping stays unanswered
 * - `store_stuck`: a call to the database did not return for as long as it may take
 * - `lock_held`: a transaction on a session's keys does not end
 * - `not_on_line`: dialled, and neither on line nor showing a QR in time
 * - `upgrade_refused`: the WebSocket was refused by HTTP, on which Baileys would hang
 */
export type WatchdogKind =
  'deaf' | 'line_silent' | 'store_stuck' | 'lock_held' | 'not_on_line' | 'upgrade_refused';

const LINES: Record<WatchdogKind, string> = {
  deaf: 'watchdog: a stanza is not handled to its end',
  line_silent: 'watchdog: the line is silent',
  store_stuck: 'watchdog: the database does not answer',
  lock_held: 'watchdog: a key transaction does not end',
  not_on_line: 'watchdog: not on line in time',
  upgrade_refused: 'watchdog: the connection was refused by http',
};

/** Says and counts what the watchdogs of all sessions did. */
export class Watchdogs {
  private readonly counts: Record<WatchdogKind, number> = {
    deaf: 0,
    line_silent: 0,
    store_stuck: 0,
    lock_held: 0,
    not_on_line: 0,
    upgrade_refused: 0,
  };

  /** @param log carries the instance */
  tripped(kind: WatchdogKind, log: Logger, fields: Record<string, unknown> = {}): void {
    this.counts[kind] += 1;
    log.warn({ ...fields, watchdog: kind }, LINES[kind]);
  }

  /** @returns how often each of them tripped since the start */
  read(): Record<WatchdogKind, number> {
    return { ...this.counts };
  }
}
