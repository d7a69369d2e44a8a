import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { isUnavailable } from './commit-fault.js';
import { readPatiently } from './patient-read.js';
import { chatOf, receiptIds } from './receipt-chat.js';
import type { SessionContext } from './session-context.js';
import type { OwnedSession } from './session-loader.js';

const EVENT = 'CB:receipt';

/** What a guard asks about a request for new copies of messages, and what it does with one that it keeps back. */
export interface RetryGuardParts {
  /** Whether whoever asks may have them. Rejects where nobody can say: the request is left unanswered, and WhatsApp repeats it. */
  mayHave: (receipt: BinaryNode) => Promise<boolean>;
  refuse: (receipt: BinaryNode) => unknown;
}

/**
 * Baileys sends a message again to whoever asks for its id. From now on it hears of such a request only when whoever asks
 * may have the message; it is found out for one request after the other. Takes the place of the listeners that are there now,
 * and calls them.
 */
export function guardRetries(emitter: EventEmitter, { mayHave, refuse }: RetryGuardParts): void {
  const handlers = emitter.listeners(EVENT) as ((receipt: BinaryNode) => unknown)[];
  let previous: Promise<unknown> = Promise.resolve();
  const isAllowed = (receipt: BinaryNode): Promise<boolean> => {
    const answer = previous.then(() => mayHave(receipt));
    previous = answer.catch(() => undefined);
    return answer;
  };
  const handle: (receipt: BinaryNode) => unknown = async (receipt) => {
    if (receipt.attrs['type'] === 'retry' && !(await isAllowed(receipt))) {
      await refuse(receipt);
      return;
    }
    await Promise.all(handlers.map(async (handler) => handler(receipt)));
  };
  emitter.removeAllListeners(EVENT);
  // Its rejections go where those of the handlers went: to the emitter.
  emitter.on(EVENT, handle);
}

/**
 * @param owned the session that the request reached. It is given up when the database stays away: it comes back with the
 *   database, and WhatsApp then repeats what was not answered
 * @returns whether the messages that the request names were sent to the chat that it came from; the account's own devices may have
 *   all of them
 * @throws UpstreamError `database_unavailable`; why the session was given up
 */
export async function mayHaveAgain(
  { messages, settings, log }: Pick<SessionContext, 'messages' | 'settings' | 'log'>,
  { handle, keys }: OwnedSession,
  receipt: BinaryNode,
): Promise<boolean> {
  const { instanceId, account } = handle;
  try {
    const { fromMe, chat } = await chatOf(
      keys.forSocket(() => true),
      account,
      receipt.attrs,
    );
    const ids = receiptIds(receipt);
    const ask = () => messages.wereSentTo(instanceId, ids, chat);
    const isRecipient = fromMe || (await readPatiently(ask, handle, settings.keyStore));
    if (!isRecipient) {
      log.warn({ instanceId }, 'refused to send a message again to somebody whom it was not sent to');
    }
    return isRecipient;
  } catch (err) {
    log.warn({ err, instanceId }, 'request for a message not answered');
    if (isUnavailable(err)) {
      handle.poison(err as Error);
    }
    handle.assertUsable();
    return false;
  }
}
