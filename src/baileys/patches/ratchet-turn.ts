import { hkdfSync } from 'node:crypto';
import curve from 'libsignal/src/curve.js';
import { passTo } from './chain-steps.js';
import { CHAIN_TYPE, copyOf, type StoredChain, type StoredSession } from './session-records.js';
import type { WhisperMessage } from './whisper-message.js';

/** A ratchet that was turned half: messages of the other side can be read. */
export interface RatchetTurn {
  /** The new receiving chain, before its first message. */
  chain: StoredChain;
  rootKey: Buffer;
  /** The other side's chain before, closed; undefined where there was none. */
  last: StoredChain | undefined;
}

const PUBLIC_KEY_TYPE = 5;
const RATCHET = Buffer.from('WhisperRatchet');
const KEYS_BYTES = 2 * 32;

/**
 * Begins a turn of the Diffie-Hellman ratchet, for a message under a key that is new.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`, the first half of `maybeStepRatchet`, and `calculateRatchet`;
 * `node_modules/libsignal/src/curve.js`, whose agreement is used.
 *
 * @returns undefined where libsignal would refuse it, or the chain before is further ahead than is passed over at once
 */
export function beginTurn(
  { currentRatchet, _chains: chains }: StoredSession,
  { ephemeralKey, previousCounter }: WhisperMessage,
): RatchetTurn | undefined {
  const before = chains[currentRatchet.lastRemoteEphemeralKey];
  const last = before && closed(before, previousCounter);
  if (ephemeralKey[0] !== PUBLIC_KEY_TYPE || (before && !last)) {
    return undefined;
  }
  const { ephemeralKeyPair, rootKey } = currentRatchet;
  const secret = curve.calculateAgreement(ephemeralKey, Buffer.from(ephemeralKeyPair.privKey, 'base64'));
  const [nextRoot, key] = derived(secret, Buffer.from(rootKey, 'base64'));
  return { chain: newChain(key, CHAIN_TYPE.receiving), rootKey: nextRoot, last };
}

/**
 * Ends a turn, once it is known that the message is the other side's: makes a key pair, and the chain on which is sent from now on.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`, the second half of `maybeStepRatchet`.
 *
 * @param received the receiving chain after the message
 * @returns the session with its chains in libsignal's order
 */
export function endTurn(
  session: StoredSession,
  ephemeralKey: Buffer,
  { rootKey, last }: RatchetTurn,
  received: StoredChain,
): StoredSession {
  const { currentRatchet } = session;
  const sentId = currentRatchet.ephemeralKeyPair.pubKey;
  const sent = session._chains[sentId];
  const chains = copyOf(session._chains, sentId);
  if (last) {
    chains[currentRatchet.lastRemoteEphemeralKey] = last;
  }
  const pair = curve.generateKeyPair();
  const [pubKey, privKey] = [Buffer.from(pair.pubKey), Buffer.from(pair.privKey)];
  const [nextRoot, key] = derived(curve.calculateAgreement(ephemeralKey, privKey), rootKey);
  const remoteId = ephemeralKey.toString('base64');
  const ownId = pubKey.toString('base64');
  chains[remoteId] = received;
  chains[ownId] = newChain(key, CHAIN_TYPE.sending);
  return {
    ...session,
    currentRatchet: {
      ephemeralKeyPair: { pubKey: ownId, privKey: privKey.toString('base64') },
      lastRemoteEphemeralKey: remoteId,
      previousCounter: sent ? sent.chainKey.counter : currentRatchet.previousCounter,
      rootKey: nextRoot.toString('base64'),
    },
    _chains: chains,
  };
}

/** What is still under way on it can be read, and nothing after that. */
function closed(chain: StoredChain, counter: number): StoredChain | undefined {
  const passed = passTo(chain, counter);
  return passed && { ...passed, chainKey: { counter: passed.chainKey.counter } };
}

function newChain(key: Buffer, chainType: number): StoredChain {
  return { chainKey: { counter: -1, key: key.toString('base64') }, chainType, messageKeys: {} };
}

/** @returns the next root key, and the key of a chain */
function derived(secret: Uint8Array, rootKey: Buffer): [Buffer, Buffer] {
  const keys = Buffer.from(hkdfSync('sha256', secret, rootKey, RATCHET, KEYS_BYTES));
  return [keys.subarray(0, 32), keys.subarray(32)];
}
