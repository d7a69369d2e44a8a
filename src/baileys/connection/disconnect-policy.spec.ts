import { describe, expect, it } from 'vitest';
import { ConnectionFault } from './connection-fault.js';
import { decideDisconnect } from './disconnect-policy.js';
import { ServerNotTrustedError } from './server-not-trusted-error.js';

/** An error as Baileys gives it. */
function boom(message: string, statusCode: number): Error {
  return Object.assign(new Error(message), { isBoom: true, output: { statusCode } });
}

describe('decideDisconnect', () => {
  it.each([
    ['Stream Errored (restart required)', 515, 'restart', 'restart_required'],
    ['Connection Terminated', 428, 'retry', 'connection_closed'],
    ['Connection Terminated by Server', 428, 'retry', 'connection_closed'],
    ['Connection was lost', 408, 'retry', 'connection_lost'],
    ['QR refs attempts ended', 408, 'stop', 'qr_expired'],
    ['Stream Errored (unknown)', 503, 'retry', 'service_unavailable'],
    ['Connection Failure', 503, 'retry', 'service_unavailable'],
    ['Stream Errored (unknown)', 500, 'retry', 'unclassified'],
    ['Connection Failure', 500, 'retry', 'unclassified'],
    ['Connection Failure', 501, 'retry', 'unclassified'],
    ['Stream Errored (conflict)', 440, 'contest', 'replaced'],
    ['Stream Errored (conflict)', 401, 'wipe', 'logged_out'],
    ['Connection Failure', 401, 'wipe', 'logged_out'],
    ['Connection Failure', 402, 'stop', 'temporarily_banned'],
    ['Connection Failure', 403, 'stop', 'banned'],
    ['Connection Failure', 406, 'stop', 'banned'],
    ['Connection Failure', 405, 'stop', 'client_outdated'],
    ['Connection Failure', 409, 'stop', 'device_refused'],
    ['Connection Failure', 415, 'stop', 'device_refused'],
    ['Multi-device beta not joined', 411, 'stop', 'no_multi_device'],
    ['noise certificate', 400, 'retry', 'handshake_refused'],
    ['Stream Errored (unknown)', 999, 'retry', 'unclassified'],
  ])('%s %i: %s', (message, code, action, cause) => {
    expect(decideDisconnect(boom(message, code))).toMatchObject({ action, cause });
  });

  it('goes on trying to reach WhatsApp past a server that is not trusted', () => {
    const decision = decideDisconnect(new ServerNotTrustedError('certificate_expired'));
    expect(decision).toEqual({ cause: 'server_not_trusted', action: 'retry', alert: true });
  });

  it.each([401, 403, 405, 407, 429, 440, 500, 502, 408])(
    'takes an HTTP %i on the way to WhatsApp for a network fault',
    (code) => {
      const error = boom(`WebSocket Error (Unexpected server response: ${code})`, code);
      expect(decideDisconnect(error)).toMatchObject({ action: 'retry', cause: 'network' });
    },
  );

  it.each([
    ['3600', { action: 'pause', pauseMs: 3_600_000 }],
    ['0', { action: 'pause', pauseMs: 0 }],
    ['soon', { action: 'stop' }],
    ['-1', { action: 'stop' }],
  ])('waits for the end of a ban that expires in %s s', (expire, decision) => {
    const error = Object.assign(boom('Connection Failure', 402), {
      data: { reason: '402', code: '101', expire },
    });
    expect(decideDisconnect(error)).toMatchObject({ cause: 'temporarily_banned', ...decision });
  });

  it.each([
    ['line_silent', 'connection_lost'],
    ['not_on_line', 'connection_lost'],
    ['upgrade_refused', 'upgrade_refused'],
    ['deaf', 'stalled'],
    ['lock_held', 'stalled'],
    ['store_stuck', 'stalled'],
  ] as const)('tries again after the watchdog %s', (kind, cause) => {
    expect(decideDisconnect(new ConnectionFault(kind))).toMatchObject({ action: 'retry', cause });
  });

  it.each([
    ['nothing', undefined],
    ['a bare close code', 1006],
    ['a plain error', new Error('logged out')],
    ['a 401 that WhatsApp did not say', boom('Cannot proceed: socket is not authenticated yet', 401)],
  ])('never stops or wipes for %s', (_name, error) => {
    expect(decideDisconnect(error).action).toBe('retry');
  });
});
