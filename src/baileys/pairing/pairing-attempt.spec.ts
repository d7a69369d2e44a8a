import type { WASocket } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PairingEnd } from '../../common/disconnect-reasons.js';
import { SessionSettings } from '../settings/session-settings.js';
import { PairingAttempt, type PairingRequest } from './pairing-attempt.js';

const SOCKET = {} as WASocket;
const SECOND = 1_000;

let ends: { reason: PairingEnd; atSeconds: number }[];
let begunAt: number;

function begin(method: PairingRequest['method']): PairingAttempt {
  begunAt = Date.now();
  return new PairingAttempt({ method }, new SessionSettings(), {
    onScannable: () => undefined,
    onCode: () => undefined,
    onFailed: (reason) => ends.push({ reason, atSeconds: (Date.now() - begunAt) / SECOND }),
  });
}

/** Every so many seconds something happens, for an hour. */
async function every(seconds: number, happening: () => void): Promise<void> {
  for (let passed = 0; passed < 3_600; passed += seconds) {
    happening();
    await vi.advanceTimersByTimeAsync(seconds * SECOND);
  }
}

beforeEach(() => {
  ends = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it.each(['qr', 'code'] as const)('is given up where WhatsApp offers nothing (%s)', async (method) => {
  begin(method);

  await every(60, () => undefined);

  expect(ends).toEqual([{ reason: 'whatsapp_unavailable', atSeconds: 30 }]);
});

it.each(['qr', 'code'] as const)(
  'is given up no later when lines fail one after the other (%s)',
  async (method) => {
    const attempt = begin(method);

    await every(1, () => attempt.interrupted());

    expect(ends).toEqual([{ reason: 'whatsapp_unavailable', atSeconds: 30 }]);
  },
);

it('is given up when WhatsApp goes away while a QR is shown', async () => {
  const attempt = begin('qr');
  attempt.qrOffered('first', SOCKET);
  await vi.advanceTimersByTimeAsync(50 * SECOND);

  await every(1, () => attempt.interrupted());

  expect(ends).toEqual([{ reason: 'whatsapp_unavailable', atSeconds: 80 }]);
});

it('is over after a while, however many QR codes WhatsApp gives and lines it closes', async () => {
  const attempt = begin('qr');

  await every(20, () => {
    attempt.interrupted();
    attempt.qrOffered('another', SOCKET);
  });

  expect(ends).toEqual([{ reason: 'qr_expired', atSeconds: 200 }]);
});
