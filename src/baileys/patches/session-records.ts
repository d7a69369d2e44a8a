/** A chain as a stored record has it; keys in base64. */
export interface StoredChain {
  chainKey: { counter: number; key?: string | undefined };
  chainType: number;
  /** Of messages that were passed over, by their counters. */
  messageKeys: Record<string, string>;
}

/** A session as a stored record has it. */
export interface StoredSession {
  registrationId?: number | undefined;
  currentRatchet: {
    ephemeralKeyPair: { pubKey: string; privKey: string };
    lastRemoteEphemeralKey: string;
    previousCounter: number;
    rootKey: string;
  };
  indexInfo: {
    baseKey: string;
    baseKeyType: number;
    /** -1: open; else when it was closed. */
    closed: number;
    used: number;
    created: number;
    remoteIdentityKey: string;
  };
  /** By the base64 of their ephemeral keys. */
  _chains: Record<string, StoredChain>;
  pendingPreKey?: Record<string, unknown>;
}

/** All sessions with one device, by the base64 of their base keys. */
export interface StoredRecord {
  _sessions: Record<string, StoredSession>;
  version: 'v1';
}

/** What a chain is for. */
export const CHAIN_TYPE = { sending: 1, receiving: 2 } as const;

/** With more the library throws old ones away at the next write. */
const MAX_SESSIONS = 40;
const RATCHET = ['ephemeralKeyPair', 'lastRemoteEphemeralKey', 'previousCounter', 'rootKey'];
const CHAIN = ['chainKey', 'chainType', 'messageKeys'];
const OPEN_KEY = ['counter', 'key'];
const CLOSED_KEY = ['counter'];
const INDEX = ['baseKey', 'baseKeyType', 'closed', 'used', 'created', 'remoteIdentityKey'];

/** Records that were looked at; nothing changes them afterwards. */
const known = new WeakSet<object>();

/**
 * Tells whether a record is written field for field as the library writes it now, so that what is left as it is stays as the library
 * would write it.
 *
 * Library: `node_modules/libsignal/src/session_record.js`, `SessionRecord.serialize`, `SessionEntry.serialize` and `_serialize_chains`: fields and
 * their order; `removeOldSessions`.
 *
 * @param value of a key of the type `session`
 */
export function isStoredRecord(value: unknown): value is StoredRecord {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (!known.has(value)) {
    const { _sessions: sessions } = value as { _sessions?: unknown };
    const isWhole =
      hasFields(value, ['_sessions', 'version']) && (value as { version: unknown }).version === 'v1';
    if (!isWhole || !isMapOf(sessions, isStoredSession) || Object.keys(sessions).length > MAX_SESSIONS) {
      return false;
    }
    known.add(value);
  }
  return true;
}

/**
 * A record has a chain for each turn of its ratchet, hundreds of them: written one by one they become a hash table, where spread
 * syntax would make a hidden class for each.
 * @returns a copy in the same order, which may be changed
 */
export function copyOf<T>(map: Readonly<Record<string, T>>, without?: string): Record<string, T> {
  const copy: Record<string, T> = {};
  for (const key of Object.keys(map)) {
    if (key !== without) {
      copy[key] = map[key]!;
    }
  }
  return copy;
}

/** @returns the record with one session replaced, which counts as looked at */
export function withSession(record: StoredRecord, key: string, session: StoredSession): StoredRecord {
  const sessions = copyOf(record._sessions);
  sessions[key] = session;
  const changed: StoredRecord = { _sessions: sessions, version: 'v1' };
  known.add(changed);
  return changed;
}

function isStoredSession(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const session = value as StoredSession;
  const fields = Object.keys(session).filter((name) => name !== 'registrationId' && name !== 'pendingPreKey');
  const isInOrder =
    Object.keys(session).indexOf('registrationId') <= 0 &&
    (session.pendingPreKey === undefined || Object.keys(session).at(-1) === 'pendingPreKey');
  return (
    isInOrder &&
    isSame(fields, ['currentRatchet', 'indexInfo', '_chains']) &&
    hasFields(session.currentRatchet, RATCHET) &&
    hasFields(session.currentRatchet.ephemeralKeyPair, ['pubKey', 'privKey']) &&
    hasFields(session.indexInfo, INDEX) &&
    typeof session.indexInfo.used === 'number' &&
    isMapOf(session._chains, isStoredChain)
  );
}

function isStoredChain(value: unknown): boolean {
  const chain = value as StoredChain;
  return (
    hasFields(chain, CHAIN) &&
    (hasFields(chain.chainKey, OPEN_KEY) || hasFields(chain.chainKey, CLOSED_KEY)) &&
    typeof chain.chainKey.counter === 'number' &&
    typeof chain.messageKeys === 'object' &&
    chain.messageKeys !== null
  );
}

function isMapOf(value: unknown, isOne: (entry: unknown) => boolean): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.values(value).every(isOne);
}

/** Exactly these, in this order. Made without a list, for there may be hundreds of chains. */
function hasFields(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  let index = 0;
  for (const name in value) {
    if (name !== names[index]) {
      return false;
    }
    index += 1;
  }
  return index === names.length;
}

function isSame(found: readonly string[], names: readonly string[]): boolean {
  return found.length === names.length && names.every((name, index) => found[index] === name);
}
