import { BufferJSON, proto } from '@whiskeysockets/baileys';

/**
 * A key's value as it waits in a batch or a cache. `live` objects are never mutated by anybody (libsignal serializes a
 * fresh one for each write); everything that Baileys mutates in place is kept as text; `sealed` is as the database has it.
 */
export type StoredValue =
  { kind: 'live'; object: object } | { kind: 'text'; text: string } | { kind: 'sealed'; bytes: Buffer };

/** A value to store, or null to delete the key. */
export type PendingValue = Exclude<StoredValue, { kind: 'sealed' }> | null;

/** What a cached live object is assumed to take, in bytes. */
const LIVE_SIZE = 1_500;

/**
 * @param type Baileys' key type; unknown ones are fine
 * @param value as Baileys gave it; null deletes the key
 */
export function freeze(type: string, value: unknown): PendingValue {
  if (value === null || value === undefined) {
    return null;
  }
  if (type === 'session' && typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    return { kind: 'live', object: value };
  }
  return { kind: 'text', text: JSON.stringify(value, BufferJSON.replacer) };
}

/** @returns the JSON text to seal */
export function encode(value: Exclude<StoredValue, { kind: 'sealed' }>): string {
  return value.kind === 'live' ? JSON.stringify(value.object, BufferJSON.replacer) : value.text;
}

/**
 * @param text JSON as `encode` made it
 * @returns a fresh object as Baileys expects it for this type
 */
export function decode(type: string, text: string): unknown {
  const value: unknown = JSON.parse(text, BufferJSON.reviver);
  // Baileys re-encodes these as protobuf, which needs the class behind them.
  return type === 'app-state-sync-key' && typeof value === 'object' && value !== null
    ? proto.Message.AppStateSyncKeyData.fromObject(value)
    : value;
}

/** @returns roughly the bytes that the value takes */
export function sizeOf(value: StoredValue): number {
  switch (value.kind) {
    case 'live':
      return LIVE_SIZE;
    case 'text':
      return value.text.length;
    case 'sealed':
      return value.bytes.length;
  }
}
