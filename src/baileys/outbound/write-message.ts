import { withoutNumbers } from '../../common/without-numbers.js';
import { codeOfWhatsApp, isSendFailure, type SendFailureCode } from '../../common/send-failures.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import type { SendConnection } from './send-connection.js';
import { openRecipientSessions } from '../signal/phone-sessions.js';
import { DevicesUnansweredError } from '../signal/recipient-devices.js';
import type { SessionSettings } from '../settings/session-settings.js';
import { withTimeout } from '../../common/with-timeout.js';

/**
 * How writing a message to a line went.
 * - `written`: its frame is out, or held until what it depends on is stored
 * - `doubtful`: the line was lost meanwhile, or Baileys did not answer in time
 * - `unanswered`: nothing left, because WhatsApp did not say where to: it may in a moment
 * - `failed`: nothing left, for a reason that has nothing to do with the line; `cause` is for the log
 */
export type WriteResult =
  | { kind: 'written' }
  | { kind: 'doubtful' }
  | { kind: 'unanswered' }
  | { kind: 'failed'; reason: SendFailureCode; cause: string };

const LATE = new Error('sending took too long');
const LOST = new Error('the line was lost');
/** What Baileys says of a query without an answer (Utils/generics.js, `promiseTimeout`). */
const TIMED_OUT = 408;
/** And where no device of the recipient has a session (Socket/messages-send.js). */
const NOBODY_TO_ENCRYPT_FOR = 'All encryptions failed';

/**
 * Writes a message under its id. Encryption takes the next step of the ratchet each time, so that no step is used twice.
 * @returns what happened; never rejects
 */
export async function writeMessage(
  line: SendConnection,
  message: OutboundMessage,
  { sendMs, lookupMs }: Pick<SessionSettings, 'sendMs' | 'lookupMs'>,
): Promise<WriteResult> {
  if (message.contentType !== 'text') {
    return { kind: 'failed', reason: 'unsupported_content', cause: message.contentType };
  }
  // No link preview: fetching one would let a tenant's text call addresses of our network.
  const content = { text: message.content, linkPreview: null };
  const sending = openRecipientSessions(line.socket, message.chatJid, lookupMs).then(() =>
    line.socket.sendMessage(message.chatJid, content, { messageId: message.whatsappMessageId }),
  );
  const lost = Promise.withResolvers<never>();
  const forget = line.onEnd(() => lost.reject(LOST));
  try {
    await withTimeout(Promise.race([sending, lost.promise]), sendMs, () => LATE);
    return { kind: 'written' };
  } catch (error) {
    // A socket that has just been given up may reject before anybody hears of its end.
    const isLost = error === LATE || error === LOST || !line.isOpen;
    if (isLost) {
      return { kind: 'doubtful' };
    }
    return error instanceof DevicesUnansweredError
      ? { kind: 'unanswered' }
      : { kind: 'failed', reason: reasonOf(error), cause: causeOf(error) };
  } finally {
    forget();
  }
}

/** Baileys throws the error code of a query that WhatsApp refused as `data` (Utils/generics.js, WABinary/generic-utils.js). */
function reasonOf(error: unknown): SendFailureCode {
  const {
    message = '',
    data,
    output,
  } = error as {
    message?: string;
    data?: unknown;
    output?: { statusCode?: number };
  };
  if (isSendFailure(message)) {
    return message;
  }
  if (Number.isInteger(data)) {
    return codeOfWhatsApp(data as number);
  }
  if (output?.statusCode === TIMED_OUT) {
    return 'whatsapp_timeout';
  }
  return message === NOBODY_TO_ENCRYPT_FOR ? 'encryption_failed' : 'send_failed';
}

function causeOf(error: unknown): string {
  return error instanceof Error ? withoutNumbers(error.message, 200) : 'connection_lost';
}
