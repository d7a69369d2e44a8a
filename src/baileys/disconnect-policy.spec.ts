import { describe, expect, it } from 'vitest';
import { decideDisconnect } from './disconnect-policy.js';

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
    ['Stream Errored (conflict)', 440, 'stop', 'replaced'],
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

  it.each([401, 403, 405, 407, 429, 440, 500, 502, 408])(
    'takes an HTTP %i on the way to WhatsApp for a network fault',
    (code) => {
      const error = boom(`WebSocket Error (Unexpected server response: ${code})`, code);
      expect(decideDisconnect(error)).toMatchObject({ action: 'retry', cause: 'network' });
    },
  );

  it.each([
    ['nothing', undefined],
    ['a bare close code', 1006],
    ['a plain error', new Error('logged out')],
    ['a 401 that WhatsApp did not say', boom('Cannot proceed: socket is not authenticated yet', 401)],
  ])('never stops or wipes for %s', (_name, error) => {
    expect(decideDisconnect(error).action).toBe('retry');
  });
});
