import { proto } from '@whiskeysockets/baileys';
import type { OutgoingContent } from '../../common/outgoing-content.js';
import { withTimeout } from '../../common/with-timeout.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { SessionSettings } from '../settings/session-settings.js';
import { DevicesUnansweredError, openRecipientSessions } from '../signal/recipient-sessions.js';
import type { MessageMaker } from './message-maker.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import { stanzaExtras } from './outgoing-proto.js';
import type { PendingSend } from './pending-send.js';
import type { SendConnection } from './send-connection.js';
import { outcomeOf } from './send-request.js';
import { type WriteFailure, writeFailureOf } from './write-failure.js';

const LATE = new Error('sending took too long');

/**
 * How writing a message went.
 * - `written`: its frame is out, or held until what it depends on is stored
 * - `doubtful`: the connection was lost meanwhile, or Baileys did not answer in time
 * - `unanswered`: nothing left, because WhatsApp did not say where to: it may in a moment
 * - `failed`: nothing left, for a reason that has nothing to do with the connection
 */
type WriteResult =
  { kind: 'written' } | { kind: 'doubtful' } | { kind: 'unanswered' } | ({ kind: 'failed' } & WriteFailure);

/** Hands messages to Baileys, which encrypts them and makes their frames. */
export class FrameWriter {
  constructor(
    private readonly messages: Pick<MessagesRepository, 'repeatOutbound'>,
    private readonly maker: Pick<MessageMaker, 'make'>,
    private readonly recorder: OutcomeRecorder,
    private readonly settings: SessionSettings,
  ) {}

  /**
   * Writes one message; one that may have left before, only if the database says that it may leave again.
   * @param isCurrent whether frames may still leave through the connection
   * @throws a fault of the database, after which it can be tried again
   */
  async write(connection: SendConnection, pending: PendingSend, isCurrent: () => boolean): Promise<void> {
    if ((pending.isRepeat && !(await this.mayRepeat(connection, pending))) || !isCurrent()) {
      return;
    }
    pending.writing(connection);
    const result = await this.handOver(connection, pending);
    if (!pending.isWritingOn(connection)) {
      return;
    }
    if (result.kind === 'written') {
      pending.written(this.settings.sendAckMs, () => this.recorder.doubt(pending));
    } else if (result.kind === 'doubtful') {
      this.recorder.doubt(pending);
    } else if (result.kind === 'unanswered') {
      pending.neverLeft();
      this.recorder.postpone(pending);
    } else {
      this.recorder.fail(pending, result.reason, result.cause);
    }
  }

  /** Writes what is more than a plain text: as it was made before, or else as it is made now. */
  private async relay(
    connection: SendConnection,
    pending: PendingSend,
    request: OutgoingContent,
  ): Promise<void> {
    const { message } = pending;
    const { messageId, chatJid, whatsappMessageId, payload } = message;
    pending.payload ??=
      payload === null
        ? await this.maker.make(connection, { ...message, request })
        : connection.open(messageId, payload);
    if (!pending.isWritingOn(connection)) {
      return;
    }
    const made = proto.Message.decode(pending.payload);
    await connection.socket.relayMessage(chatJid, made, {
      messageId: whatsappMessageId,
      ...stanzaExtras(made),
    });
  }

  /** The database may know by now how it went, or that it is too late. */
  private async mayRepeat({ epoch }: SendConnection, pending: PendingSend): Promise<boolean> {
    const { messageId, status: known, error: refusal } = pending.message;
    const { maxAgeMs, maxRepeats } = this.settings.outbound;
    const reopened = known === 'failed' ? refusal : undefined;
    const bounds = { maxAgeMs, maxRepeats, reopened };
    const { status, error } = await this.messages.repeatOutbound(messageId, epoch, bounds);
    const outcome = outcomeOf(status, error);
    if (outcome.status !== 'unknown') {
      pending.settle(outcome);
    }
    return !pending.isOver;
  }

  /** Under the message's id. Encryption takes the next step of the ratchet each time, so that no step is used twice. Never rejects. */
  private async handOver(connection: SendConnection, pending: PendingSend): Promise<WriteResult> {
    const { chatJid, content: text, contentType, request, whatsappMessageId: messageId } = pending.message;
    if (contentType !== 'text' && request === null) {
      return { kind: 'failed', reason: 'unsupported_content', cause: contentType };
    }
    const { sendMs, lookupMs } = this.settings;
    const { socket, ended } = connection;
    const opening = openRecipientSessions(socket, chatJid, lookupMs);
    // No preview by the library, which would call addresses of our network, too: one that is wanted comes with the message.
    const sending: Promise<unknown> =
      request === null
        ? opening.then(() => socket.sendMessage(chatJid, { text, linkPreview: null }, { messageId }))
        : opening.then(() => this.relay(connection, pending, request));
    try {
      await withTimeout(sending, sendMs, () => LATE, ended);
      return { kind: 'written' };
    } catch (error) {
      // A socket that has just been given up may reject before its end is known.
      if (error === LATE || ended.aborted || !connection.isOpen) {
        return { kind: 'doubtful' };
      }
      return error instanceof DevicesUnansweredError
        ? { kind: 'unanswered' }
        : { kind: 'failed', ...writeFailureOf(error) };
    }
  }
}
