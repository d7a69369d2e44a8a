import { Injectable } from '@nestjs/common';
import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import { InboxDecoder, type InboxRow, type ReceivedMessage, type RowReader } from '../../common/inbox.js';
import { PlainBody } from '../../common/plain-body.js';
import type { Opener } from '../../common/secret-box.js';
import { KeyRing } from '../../secrets/key-ring.js';
import { type MessageAddresses, readAddresses } from './message-addresses.js';
import { cleanMessageId, cleanName } from './message-cleaning.js';
import { readContent } from './message-content.js';
import { hasSpeakingField } from './message-fields.js';
import type { MessageView } from './message-target.js';
import { readResentMessage } from './placeholder-resend.js';
import type { MessageContent } from './shown-content.js';

const NOTHING_READ: MessageContent = {
  contentClass: 'undecryptable',
  type: 'unsupported',
  contentType: 'ciphertext',
  text: '',
};
const UNKNOWN: MessageContent = {
  contentClass: 'other',
  type: 'unsupported',
  contentType: 'unknown',
  text: '[unsupported message]',
};
/** What is left to name when decoding dropped the fields that it does not know. */
const SILENT_KINDS = new Set([
  'none',
  'messageContextInfo',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
]);
/** WhatsApp's `t` is an unsigned 32-bit number of seconds. */
const MAX_SECONDS = 2 ** 32 - 1;

/** Decodes inbox rows with the data keys of their instances. */
@Injectable()
export class BaileysInboxDecoder extends InboxDecoder {
  constructor(private readonly ring: KeyRing) {
    super();
  }

  override async readerOf(rows: readonly InboxRow[]): Promise<RowReader> {
    const keys = await this.ring.forBodies(rows.filter(isSealed));
    return (row) => decodeRow(row, keys.get(row.instanceId));
  }
}

/**
 * Opens a sealed body, removes padding and wrappers, and reads addresses from the stanza. Text is kept whole, however
 * long; only what Postgres can't store (NUL, lone surrogates) is taken out.
 *
 * @param opener has the key of the row's instance; not needed for a row in clear
 * @throws Error when the row can't be decoded
 */
export function decodeRow(row: InboxRow, opener: Opener | undefined): ReceivedMessage {
  const received = readEnvelope(row, row.attrs);
  if (row.encryption === 'none') {
    return { ...received, ...NOTHING_READ };
  }
  const bytes = openBody(row, opener);
  const message = attempt('not_a_message', () => proto.Message.decode(bytes));
  if (received.isPeerTraffic && received.fromMe) {
    const resent = attempt('not_a_resent_message', () => readResentMessage(message, row.account));
    if (resent) {
      const envelope = readEnvelope(row, resent.attrs);
      return { ...envelope, ...readContent(resent.message, viewOf(row, envelope)) };
    }
  }
  const content = attempt('not_a_message', () => readContent(message, viewOf(row, received)));
  const isSilent = SILENT_KINDS.has(content.contentType) && hasSpeakingField(bytes);
  return { ...received, ...(isSilent ? UNKNOWN : content) };
}

/** @returns the message's bytes, without seal and padding */
function openBody(row: InboxRow, opener: Opener | undefined): Uint8Array {
  const { body } = row;
  if (!body) {
    throw new Error('no_body');
  }
  const context = [row.instanceId, 'inbox', row.hash];
  const padded =
    body instanceof PlainBody
      ? body.reveal()
      : attempt('sealed_body_refused', () => opener!.open(body, context));
  return attempt('wrong_padding', () => unpadRandomMax16(padded));
}

function isSealed(row: InboxRow): row is InboxRow & { body: Buffer | null } {
  return !(row.body instanceof PlainBody);
}

function readEnvelope(row: InboxRow, attrs: Record<string, string>) {
  const id = attrs['id'];
  if (!id) {
    throw new Error('stanza_without_id');
  }
  return {
    messageId: cleanMessageId(id),
    sentAt: sentAt(row, attrs),
    ...readAddresses(attrs, row.account),
    pushName: cleanName(attrs['notify']),
  };
}

function viewOf({ account }: InboxRow, { chatKind, fromMe }: MessageAddresses): MessageView {
  return { account, chatKind, fromMe };
}

function sentAt(row: InboxRow, { t = '' }: Record<string, string>): Date {
  const seconds = /^\d{1,10}$/.test(t) ? Number(t) : 0;
  return seconds > 0 && seconds <= MAX_SECONDS ? new Date(seconds * 1000) : row.receivedAt;
}

/** Errors of parsers may quote what they read: only a fixed reason goes on, with the error as its cause. */
function attempt<Result>(reason: string, run: () => Result): Result {
  try {
    return run();
  } catch (err) {
    throw new Error(reason, { cause: err });
  }
}
