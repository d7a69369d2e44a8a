import { createHash, randomUUID } from 'node:crypto';
import { generateMessageIDV2 } from '@whiskeysockets/baileys';
import { AppError } from '../../common/app-error.js';
import { codeOfStored, sendFailure, type SendFailureCode } from '../../common/send-failures.js';
import type { OutgoingContent } from '../../common/outgoing-content.js';
import type { MessageStatus } from '../../repositories/message.js';
import type { OutboundAddress, OutboundMessage } from '../../repositories/outbound-message.js';
import type { Outcome } from './pending-send.js';

/** What a caller wants to send. */
export interface OutgoingText {
  /** Digits of a phone number, or `<digits>@lid`. */
  to: string;
  /** What is read of it; empty where `content` says it all. */
  message: string;
  /** Where it is more than a plain text. */
  content?: OutgoingContent | undefined;
  /** What the caller asked for, of which `content` was made: calls under one key have it in common. */
  asked?: string | undefined;
  /** Where it goes, where another message decides that. */
  address?: OutboundAddress | undefined;
  /** Row of the message that it changes. */
  changeOf?: string | undefined;
  /** The caller's name for this message: asking again under it sends nothing, and gives the same answer. */
  idempotencyKey?: string | undefined;
  /** It is stored under its key: nothing new is sent, and of what is asked for only that counts which tells that it is the same. */
  isRepeat?: boolean | undefined;
  /** Of the other node that asks for it. */
  requestId?: string | undefined;
}

/** Its ids are chosen before anybody stores it: however often and of whomever it is asked for, it is one message. */
export interface NamedText extends OutgoingText {
  /** UUID. */
  messageId: string;
  whatsappMessageId: string;
}

/**
 * @param instanceId that it is to leave from
 * @returns the text under new ids; those of a text with an idempotency key follow from it, so that a call which nobody could
 *   confirm and its repetition are about the same message
 */
export function named(instanceId: string, text: OutgoingText): NamedText {
  const { idempotencyKey } = text;
  if (idempotencyKey === undefined) {
    return { ...text, messageId: randomUUID(), whatsappMessageId: generateMessageIDV2() };
  }
  const name = JSON.stringify([instanceId, idempotencyKey, requestHash(text)]);
  const digest = createHash('sha256').update(name).digest();
  return { ...text, messageId: uuidOf(digest), whatsappMessageId: whatsappIdOf(digest.subarray(16)) };
}

/** @returns a UUID of version 8 (RFC 9562, 5.8) */
function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @returns an id as Baileys makes them (`generateMessageIDV2`) */
function whatsappIdOf(digest: Buffer): string {
  return `3EB0${digest.toString('hex').slice(0, 18).toUpperCase()}`;
}

/** @returns what two calls under one key must have in common */
export function requestHash({ to, message, asked }: OutgoingText): string {
  return createHash('sha256')
    .update(JSON.stringify(asked === undefined ? ['text', to, message] : ['content', to, asked]))
    .digest('hex');
}

/** @throws AppError `idempotency_key_reused` */
export function assertSameRequest(stored: OutboundMessage, hash: string): void {
  if (stored.requestHash !== hash) {
    throw new AppError('idempotency_key_reused');
  }
}

/** @returns what a stored status says of the sending */
export function outcomeOf(status: MessageStatus, error: string | null): Outcome {
  switch (status) {
    case 'sent':
    case 'delivered':
    case 'read':
    case 'played':
      return { status: 'sent' };
    case 'failed':
      return { status: 'failed', reason: codeOfStored(error) };
    default:
      return { status: 'unknown' };
  }
}

/** @returns the error for a message that came too late to be stored */
export function shuttingDown(): AppError {
  return new AppError('shutting_down');
}

/** @returns the error for a message that found no connection */
export function notConnected(): AppError {
  return new AppError('instance_not_connected');
}

/** @returns the error for a message that is given up */
export function sendFailed(code: SendFailureCode): AppError {
  const details = [{ path: 'to', message: 'is not on WhatsApp' }];
  return new AppError(code, sendFailure(code).kind === 'recipient' ? { details } : {});
}
