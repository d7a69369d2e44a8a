import { createHash, randomBytes } from 'node:crypto';
import { base64OrNull, bytesOrNull } from './column-values.js';

const NONCE_BYTES = 32;

/** A call that its caller may repeat: the same name and content make one thing. */
export interface Once {
  /** The route, for each has its own keys. */
  action: string;
  key: string;
  requestHash: string;
  /** What the secret follows from that the call is answered with, where it is answered with one. */
  nonce?: Buffer | undefined;
}

/** What functions of the database add where an earlier call under the key had made it. */
export interface ReplayColumns {
  is_replay?: boolean;
  nonce?: string | null;
}

/** Something that was made, now or by an earlier call under the same key. */
export interface Made<Thing> {
  made: Thing;
  isReplay: boolean;
  /** Of the call that made it, where there was an earlier one. */
  nonce: Buffer | null;
}

/** @returns what the secret of a new call follows from */
export function drawNonce(): Buffer {
  return randomBytes(NONCE_BYTES);
}

/**
 * @param action the route
 * @param key what the caller calls it; undefined where it has no name
 * @param asked what calls under one key must have in common, as JSON
 * @param nonce what the secret follows from that is shown
 * @returns undefined where the call has no name
 */
export function once(
  action: string,
  key: string | undefined,
  asked: unknown,
  nonce?: Buffer,
): Once | undefined {
  if (key === undefined) {
    return undefined;
  }
  const requestHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  return { action, key, requestHash, nonce };
}

/** @returns the call as functions of the database take it, in an object of its own */
export function onceColumns(named: Once | undefined) {
  if (named === undefined) {
    return undefined;
  }
  const { action, key, requestHash, nonce } = named;
  return { once: { action, key, request_hash: requestHash, nonce: base64OrNull(nonce ?? null) } };
}

/** @returns what was made, as the row of it tells */
export function toMade<Row extends object, Thing>(
  row: Row & ReplayColumns,
  toThing: (row: Row) => Thing,
): Made<Thing> {
  const { is_replay: isReplay, nonce } = row;
  return { made: toThing(row), isReplay: isReplay === true, nonce: bytesOrNull(nonce ?? null) };
}
