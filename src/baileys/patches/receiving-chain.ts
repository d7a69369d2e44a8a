import { createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { takeMessageKey } from './chain-steps.js';
import { beginTurn, endTurn } from './ratchet-turn.js';
import {
  CHAIN_TYPE,
  copyOf,
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

const OPEN = -1;
const NO_SALT = Buffer.alloc(32);
const KEYS_OF_MESSAGE = Buffer.from('WhisperMessageKeys');
/** A key for the cipher, one for the signature, and where the cipher begins. */
const KEYS_BYTES = 32 + 32 + 16;
const VERSION = Buffer.from([0x33]);

/**
 * Decrypts a message of the session that is tried first, and gives the record as the library would have stored it. Changes nothing: what
 * it was given stays as it is.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`: `decryptWhisperMessage`, `decryptWithSessions`, `doDecryptWhisperMessage`;
 * `node_modules/libsignal/src/session_record.js`: `getSessions`; `node_modules/libsignal/src/crypto.js`: `deriveSecrets`,
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
  if (key === undefined || session?.indexInfo.closed !== OPEN) {
    return undefined;
  }
  const chainId = whisper.ephemeralKey.toString('base64');
  const known = session._chains[chainId];
  const turn = known ? undefined : beginTurn(session, whisper);
  const chain = known ?? turn?.chain;
  const step = chain?.chainType === CHAIN_TYPE.receiving ? takeMessageKey(chain, whisper.counter) : undefined;
  const plaintext = step && open(whisper, step.messageKey, session.indexInfo.remoteIdentityKey, identity);
  if (!plaintext) {
    return undefined;
  }
  const stepped = turn
    ? endTurn(session, whisper.ephemeralKey, turn, step.chain)
    : withChain(session, chainId, step.chain);
  return { plaintext, record: withSession(stored, key, afterMessage(stepped, now)) };
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

function withChain(session: StoredSession, chainId: string, chain: StoredChain): StoredSession {
  const chains = copyOf(session._chains);
  chains[chainId] = chain;
  return { ...session, _chains: chains };
}

/** In the order of fields in which the library writes them. */
function afterMessage(session: StoredSession, now: number): StoredSession {
  const { registrationId, currentRatchet, indexInfo, _chains } = session;
  // Whoever answers has our first message: it need not be sent again, so `pendingPreKey` goes.
  return { registrationId, currentRatchet, indexInfo: { ...indexInfo, used: now }, _chains };
}

function hmac(key: Buffer, ...parts: Uint8Array[]): Buffer {
  const made = createHmac('sha256', key);
  parts.forEach((part) => made.update(part));
  return made.digest();
}
