import crypto from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Random } from '../chaos/random.js';

const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** libsignal's own, as it looks it up at each call. */
const curve = createRequire(import.meta.url)('libsignal/src/curve.js') as {
  calculateAgreement: (publicKey: Buffer, privateKey: Buffer) => Buffer;
};

let random: Random | undefined;
let clock = 0;
/** What was agreed on, until the next key pair is made. */
let agreed: Buffer | undefined;

/** What the process takes for chance comes from these numbers from now on. */
export function takeChanceFrom(numbers: Random): void {
  random = numbers;
  agreed = undefined;
}

/** @param ms what the clock shows until it is set again */
export function setClock(ms: number): void {
  clock = ms;
}

/** Timers from here on never go off: how long a history takes is no part of it. In ms. */
const NEVER_FROM_MS = 50;
const NEVER_MS = 2 ** 31 - 1;

/** Has the same happen each time: for the whole process, and for good. */
export function becomeDeterministic(): void {
  const { generateKeyPairSync } = crypto;
  const replaced = {
    randomBytes: (size: number) => bytes(size),
    generateKeyPairSync: (type: string, options: unknown) =>
      type === 'x25519' ? keyPair() : Reflect.apply(generateKeyPairSync, crypto, [type, options]),
  };
  Object.assign(crypto, replaced);
  // A ratchet's new keys follow from the step before, not from the order in which people's ratchets turn.
  const { calculateAgreement } = curve;
  curve.calculateAgreement = (publicKey, privateKey) => (agreed = calculateAgreement(publicKey, privateKey));
  syncBuiltinESMExports();
  const start = setTimeout;
  const startShort = (work: () => void, ms = 0, ...given: []) =>
    ms < NEVER_FROM_MS ? start(work, ms, ...given) : start(work, NEVER_MS, ...given).unref();
  globalThis.setTimeout = Object.assign(startShort, start) as typeof setTimeout;
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [clock] : given) as [number]));
    }
    static override now(): number {
      return clock;
    }
  } as DateConstructor;
}

/** @returns so many bytes of chance */
export function bytes(size: number): Buffer {
  if (!random) {
    throw new Error('nobody said where chance comes from');
  }
  const numbers = random;
  return Buffer.from(Array.from({ length: size }, () => numbers.integer(0, 255)));
}

/** As both libraries ask for it: encoded in DER. */
function keyPair(): { publicKey: Buffer; privateKey: Buffer } {
  const secret = agreed ? crypto.createHash('sha256').update(agreed).digest() : bytes(32);
  agreed = undefined;
  const privateKey = Buffer.concat([PKCS8_X25519, secret]);
  const key = crypto.createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }) };
}
