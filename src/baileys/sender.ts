import { Injectable } from '@nestjs/common';
import { type BinaryNode, generateMessageIDV2, type WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { UpstreamError } from '../common/app-error.js';
import { maskPhone } from '../common/phone-number.js';
import { Logs } from '../logging/logs.js';
import type { Instance } from '../repositories/instance.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import { RecipientResolver } from './recipient-resolver.js';
import { SessionSettings } from './session-settings.js';
import { withTimeout } from './with-timeout.js';

export interface OutgoingText {
  /** Digits. */
  to: string;
  message: string;
}

export interface SentText {
  /** Id of the message's row. */
  messageId: string;
  whatsappMessageId: string;
  /** `unknown`: WhatsApp did not confirm; the message may or may not have left. */
  status: 'sent' | 'unknown';
}

/** What is known of a message after trying to send it. */
type Outcome = { status: 'sent' | 'unknown' } | { status: 'failed'; reason: string };

/** Sends messages: the row with its WhatsApp id first, then the frame, then WhatsApp's acknowledgement. */
@Injectable()
export class Sender {
  private readonly log: Logger;

  constructor(
    private readonly recipients: RecipientResolver,
    private readonly messages: MessagesRepository,
    private readonly settings: SessionSettings,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /**
   * @param socket on line
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   * @throws UpstreamError `send_failed`: it certainly did not get there
   */
  async sendText(instance: Instance, socket: WASocket, text: OutgoingText): Promise<SentText> {
    const recipient = await this.recipients.resolve(instance, socket, text.to);
    const whatsappMessageId = generateMessageIDV2(socket.user?.id);
    const { messageId } = await this.messages.beginOutbound({
      instanceId: instance.id,
      organizationId: instance.organizationId,
      whatsappMessageId,
      phone: recipient.phone,
      lid: recipient.lid,
      chatJid: recipient.jid,
      content: text.message,
      contentType: 'text',
    });
    const outcome = await this.send(socket, recipient.jid, text.message, whatsappMessageId);
    const error = outcome.status === 'failed' ? outcome.reason : undefined;
    await this.record(messageId, outcome.status, error);
    const fields = {
      instanceId: instance.id,
      messageId,
      to: maskPhone(text.to),
      status: outcome.status,
      error,
    };
    this.log.info(fields, 'message sent');
    if (outcome.status === 'failed') {
      throw new UpstreamError('send_failed', `WhatsApp did not take the message (${outcome.reason}).`);
    }
    return { messageId, whatsappMessageId, status: outcome.status };
  }

  private async send(socket: WASocket, jid: string, text: string, id: string): Promise<Outcome> {
    // A lost line rejects this wait with a bare close code, a timeout gives undefined: both mean that nobody knows.
    const answer = socket.waitForMessage<BinaryNode>(id, this.settings.sendAckMs).catch(() => undefined);
    const content = { text, linkPreview: null };
    const sending = socket.sendMessage(jid, content, { messageId: id });
    const late = new Error('send timed out');
    try {
      await withTimeout(sending, this.settings.sendMs, () => late);
    } catch (error) {
      return error === late ? { status: 'unknown' } : { status: 'failed', reason: reasonOf(error) };
    }
    const node = await answer;
    const code = node?.tag === 'ack' ? node.attrs['error'] : undefined;
    if (code !== undefined) {
      return { status: 'failed', reason: `whatsapp_error_${code}` };
    }
    return { status: node ? 'sent' : 'unknown' };
  }

  /** The message has left or not, whatever the database says: a fault here must not look like a failed send. */
  private async record(
    messageId: string,
    status: Outcome['status'],
    error: string | undefined,
  ): Promise<void> {
    try {
      await this.messages.finishOutbound({ messageId, status, error });
    } catch (err) {
      this.log.error({ err, messageId, status }, 'outcome of a send not stored');
    }
  }
}

/** Baileys rejects before anything was written: no session with the recipient, or the line is closed. */
function reasonOf(error: unknown): string {
  return error instanceof Error
    ? error.message.replace(/\d{6,}/g, '[number]').slice(0, 200)
    : 'connection_lost';
}
