import type { OutboundMessage } from '../../repositories/outbound-message.js';
import type { OutboundLine } from './outbound-line.js';
import { openPhoneSessions } from '../signal/phone-sessions.js';
import { withTimeout } from '../with-timeout.js';

/**
 * How writing a message to a line went.
 * - `written`: its frame is out, or held until what it depends on is stored
 * - `doubtful`: the line was lost meanwhile, or Baileys did not answer in time
 * - `failed`: nothing left, for a reason that has nothing to do with the line
 */
export type WriteResult = { kind: 'written' } | { kind: 'doubtful' } | { kind: 'failed'; reason: string };

const LATE = new Error('sending took too long');
const LOST = new Error('the line was lost');

/**
 * Writes a message under its id. Encryption takes the next step of the ratchet each time, so that no step is used twice.
 * @returns what happened; never rejects
 */
export async function writeMessage(
  line: OutboundLine,
  message: OutboundMessage,
  timeoutMs: number,
): Promise<WriteResult> {
  if (message.contentType !== 'text') {
    return { kind: 'failed', reason: 'unsupported_content' };
  }
  // No link preview: fetching one would let a tenant's text call addresses of our network.
  const content = { text: message.content, linkPreview: null };
  const sending = openPhoneSessions(line.socket, message.chatJid).then(() =>
    line.socket.sendMessage(message.chatJid, content, { messageId: message.whatsappMessageId }),
  );
  const lost = Promise.withResolvers<never>();
  const forget = line.onEnd(() => lost.reject(LOST));
  try {
    await withTimeout(Promise.race([sending, lost.promise]), timeoutMs, () => LATE);
    return { kind: 'written' };
  } catch (error) {
    // A socket that has just been given up may reject before anybody hears of its end.
    const isLost = error === LATE || error === LOST || !line.isOpen;
    return isLost ? { kind: 'doubtful' } : { kind: 'failed', reason: reasonOf(error) };
  } finally {
    forget();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error
    ? error.message.replace(/\d{6,}/g, '[number]').slice(0, 200)
    : 'connection_lost';
}
