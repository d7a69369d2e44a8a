import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { SessionSettings } from '../settings/session-settings.js';
import { isUnavailable } from '../storage/commit-fault.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { readPatiently } from '../storage/patient-read.js';
import { chatOf, receiptIds } from './receipt-chat.js';

/** What the sessions of a process share for answering requests for new copies. */
export interface ResendContext {
  readonly messages: MessagesRepository;
  readonly settings: SessionSettings;
  readonly log: Logger;
}

/**
 * @param owned the session that the request reached. It is given up when the database stays away: it comes back with the
 *   database, and WhatsApp then repeats what was not answered
 * @returns whether the messages that the request names were sent to the chat that it came from; the account's own devices may have
 *   all of them
 * @throws AppError `database_unavailable`; why the session was given up
 */
export async function mayHaveAgain(
  { messages, settings, log }: ResendContext,
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
      handle.revoke(err as Error);
    }
    handle.assertUsable();
    return false;
  }
}
