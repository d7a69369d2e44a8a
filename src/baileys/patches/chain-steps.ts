import { createHmac } from 'node:crypto';
import { copyOf, type StoredChain } from './session-records.js';

/** Messages that may be passed over at once: each takes two steps of the chain, in one turn of the event loop. */
export const MAX_PASSED_OVER = 64;

const [MESSAGE_KEY, CHAIN_KEY] = [Buffer.from([1]), Buffer.from([2])];

/**
 * Steps a chain on until it has the key of a message, and keeps those of all that it passes.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`, `fillMessageKeys`.
 *
 * @param chain is left as it is
 * @returns the chain after that; undefined where it is closed, or too much would be passed over at once
 */
export function passTo(chain: StoredChain, counter: number): StoredChain | undefined {
  const { chainKey, chainType } = chain;
  if (counter <= chainKey.counter) {
    return chain;
  }
  if (counter - chainKey.counter > MAX_PASSED_OVER || chainKey.key === undefined) {
    return undefined;
  }
  const messageKeys = copyOf(chain.messageKeys);
  let key: Buffer = Buffer.from(chainKey.key, 'base64');
  for (let passed = chainKey.counter + 1; passed <= counter; passed++) {
    messageKeys[passed] = hmac(key, MESSAGE_KEY).toString('base64');
    key = hmac(key, CHAIN_KEY);
  }
  return { chainKey: { counter, key: key.toString('base64') }, chainType, messageKeys };
}

/**
 * Takes the key of one message out of a chain.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`, `doDecryptWhisperMessage`.
 *
 * @param chain is left as it is
 * @returns undefined as of `passTo`, and where the key was used
 */
export function takeMessageKey(
  chain: StoredChain,
  counter: number,
): { messageKey: Buffer; chain: StoredChain } | undefined {
  const passed = passTo(chain, counter);
  const key = passed?.messageKeys[counter];
  if (!passed || key === undefined) {
    return undefined;
  }
  const { chainKey, chainType } = passed;
  const messageKeys = copyOf(passed.messageKeys, String(counter));
  return { messageKey: Buffer.from(key, 'base64'), chain: { chainKey, chainType, messageKeys } };
}

function hmac(key: Buffer, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
