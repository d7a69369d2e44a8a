import { PairingError } from './pairing-error.js';

const PREFIX = 'https://wa.me/settings/linked_devices#';

/** What a pairing QR code says. */
export interface PairingQr {
  readonly ref: string;
  readonly noiseKey: Buffer;
  readonly identity: Buffer;
  readonly advSecret: Buffer;
}

/** Reads a QR string: `ref,noise key,identity key,secret[,platform]`, with or without the URL. Throws PairingError. */
export function parseQr(qr: string): PairingQr {
  const body = qr.startsWith(PREFIX) ? qr.slice(PREFIX.length) : qr;
  const [ref = '', ...keys] = body.split(',');
  const [noiseKey, identity, advSecret] = keys.slice(0, 3).map((key) => Buffer.from(key, 'base64'));
  if (!ref || noiseKey?.length !== 32 || identity?.length !== 32 || advSecret?.length !== 32) {
    throw new PairingError('invalid-qr');
  }
  return { ref, noiseKey, identity, advSecret };
}
