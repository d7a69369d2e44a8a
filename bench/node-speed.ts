import { createHmac, createSecretKey, randomBytes } from 'node:crypto';

/** What of this Node the figures depend on. */
export interface NodeReport {
  version: string;
  /** An HMAC with a raw key and with a key object, in µs. */
  rawHmacUs: number;
  objectHmacUs: number;
  warnings: string[];
}

const TURNS = 20_000;
/** A raw key costs less than twice as much in a good version, four to six times in a bad one. */
const SLOW_FACTOR = 3;

/** @returns the version and whether it is one that makes Baileys slow */
export function reportNode(): NodeReport {
  const key = randomBytes(32);
  const keyObject = createSecretKey(key);
  const data = randomBytes(64);
  const hmacUs = (secret: typeof key | typeof keyObject) => {
    const startedAt = performance.now();
    for (let turn = 0; turn < TURNS; turn++) {
      createHmac('sha256', secret).update(data).digest();
    }
    return ((performance.now() - startedAt) * 1_000) / TURNS;
  };
  hmacUs(key);
  const objectHmacUs = hmacUs(keyObject);
  const rawHmacUs = hmacUs(key);
  const warnings: string[] = [];
  const major = Number(process.versions.node.split('.')[0]);
  if (rawHmacUs > objectHmacUs * SLOW_FACTOR) {
    warnings.push(
      'this Node is slow at crypto with raw keys (24.18 to 24.21 are): absolute figures are too low',
    );
  }
  if (major < 24) {
    warnings.push('this Node slows every await down as sessions grow (22 and older do)');
  }
  return { version: process.version, rawHmacUs, objectHmacUs, warnings };
}
