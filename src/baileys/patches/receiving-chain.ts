import { createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import {
  isStoredRecord,
  type StoredChain,
  type StoredRecord,
  type StoredSession,
  withSession,
} from './session-records.js';
import { readWhisperMessage, type WhisperMessage } from './whisper-message.js';

/** What a message said, and the record after it. */
export interface Received {
  plaintext: Buffer;
  record: StoredRecord;
}

/** Messages that may be passed over at once: each takes two steps of the chain, in one turn. */
export const MAX_PASSED_OVER = 64;

const RECEIVING = 2;
const OPEN = -1;
const NO_SALT = Buffer.alloc(32);
const KEYS_OF_MESSAGE = Buffer.from('WhisperMessageKeys');
/** A key for the cipher, one for the signature, and where the cipher begins. */
const KEYS_BYTES = 32 + 32 + 16;
const VERSION = Buffer.from([0x33]);
const [MESSAGE_KEY, CHAIN_KEY] = [Buffer.from([1]), Buffer.from([2])];

/**
 * Decrypts a message for which the session that is tried first has a receiving chain already, and gives the record as the library would
 * have stored it. Changes nothing: what it was given stays as it is.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`: `decryptWhisperMessage`, `decryptWithSessions`, `doDecryptWhisperMessage`,
 * `fillMessageKeys`; `node_modules/libsignal/src/session_record.js`: `getSessions`; `node_modules/libsignal/src/crypto.js`: `deriveSecrets`,
 * `verifyMAC`, `decrypt`.
 *
 * @param stored value of the key of the type `session`
 * @param message a Signal message
 * @param identity our public identity key, 33 bytes
 * @param now when this session is used, in ms
 * @returns undefined whenever anything is not as it usually is: then the library has to see it
 */
export function receiveOnChain(
  stored: unknown,
  message: Buffer,
  identity: Uint8Array,
  now: number,
): Received | undefined {
  const whisper = readWhisperMessage(message);
  if (!whisper || !isStoredRecord(stored)) {
    return undefined;
  }
  const key = firstTried(stored);
  const session = key === undefined ? undefined : stored._sessions[key];
  const chainId = whisper.ephemeralKey.toString('base64');
  const chain = session?._chains[chainId];
  if (key === undefined || !session || session.indexInfo.closed !== OPEN || chain?.chainType !== RECEIVING) {
    return undefined;
  }
  const step = stepTo(chain, whisper.counter);
  const plaintext = step && open(whisper, step.messageKey, session.indexInfo.remoteIdentityKey, identity);
  if (!plaintext) {
    return undefined;
  }
  return { plaintext, record: withSession(stored, key, afterMessage(session, chainId, step.chain, now)) };
}

/** The library tries the one that was used last; of several the first. */
function firstTried({ _sessions: sessions }: StoredRecord): string | undefined {
  let first: string | undefined;
  for (const key of Object.keys(sessions)) {
    if (first === undefined || sessions[key]!.indexInfo.used > sessions[first]!.indexInfo.used) {
      first = key;
    }
  }
  return first;
}

/** @returns the key of the message with this counter, and the chain without it; undefined where it was used, or is too far ahead */
function stepTo(chain: StoredChain, counter: number): { messageKey: Buffer; chain: StoredChain } | undefined {
  const { chainKey, chainType } = chain;
  const messageKeys = { ...chain.messageKeys };
  if (counter <= chainKey.counter) {
    const kept = messageKeys[counter];
    delete messageKeys[counter];
    return kept === undefined
      ? undefined
      : { messageKey: Buffer.from(kept, 'base64'), chain: { chainKey, chainType, messageKeys } };
  }
  if (counter - chainKey.counter > MAX_PASSED_OVER || chainKey.key === undefined) {
    return undefined;
  }
  let key: Buffer = Buffer.from(chainKey.key, 'base64');
  for (let passed = chainKey.counter + 1; passed < counter; passed++) {
    messageKeys[passed] = hmac(key, MESSAGE_KEY).toString('base64');
    key = hmac(key, CHAIN_KEY);
  }
  const next = { counter, key: hmac(key, CHAIN_KEY).toString('base64') };
  return { messageKey: hmac(key, MESSAGE_KEY), chain: { chainKey: next, chainType, messageKeys } };
}

/** @returns what it says; undefined where its signature is not the sender's, or it is not padded as it should be */
function open(
  { signed, mac, body }: WhisperMessage,
  messageKey: Buffer,
  remoteIdentity: string,
  identity: Uint8Array,
): Buffer | undefined {
  const keys = Buffer.from(hkdfSync('sha256', messageKey, NO_SALT, KEYS_OF_MESSAGE, KEYS_BYTES));
  const [cipherKey, macKey, iv] = [keys.subarray(0, 32), keys.subarray(32, 64), keys.subarray(64)];
  const expected = hmac(macKey, Buffer.from(remoteIdentity, 'base64'), identity, VERSION, signed);
  if (!timingSafeEqual(expected.subarray(0, mac.length), mac)) {
    return undefined;
  }
  try {
    const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** In the order of fields in which the library writes them. */
function afterMessage(
  session: StoredSession,
  chainId: string,
  chain: StoredChain,
  now: number,
): StoredSession {
  const { registrationId, currentRatchet, indexInfo, _chains: chains } = session;
  // Whoever answers has our first message: it need not be sent again, so `pendingPreKey` goes.
  return {
    registrationId,
    currentRatchet,
    indexInfo: { ...indexInfo, used: now },
    _chains: { ...chains, [chainId]: chain },
  };
}

function hmac(key: Buffer, ...parts: Uint8Array[]): Buffer {
  const made = createHmac('sha256', key);
  parts.forEach((part) => made.update(part));
  return made.digest();
}
