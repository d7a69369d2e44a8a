import { Injectable } from '@nestjs/common';
import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import { InboxDecoder, type InboxRow, type ReceivedMessage } from '../common/inbox.js';
import { SecretBox } from '../common/secret-box.js';
import { readAddresses } from './message-addresses.js';
import { cleanMessageId, cleanName } from './message-cleaning.js';
import { type MessageContent, readContent } from './message-content.js';
import { hasSpeakingField } from './message-fields.js';

const UNDECRYPTABLE: MessageContent = { contentClass: 'undecryptable', contentType: 'ciphertext', text: '' };
const UNKNOWN: MessageContent = {
  contentClass: 'other',
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

/**
 * Decodes inbox rows: opens the sealed body, removes padding and wrappers, and reads addresses from the stanza. Text is
 * kept whole, however long; only what Postgres can't store (NUL, lone surrogates) is taken out.
 */
@Injectable()
export class BaileysInboxDecoder extends InboxDecoder {
  constructor(private readonly secretBox: SecretBox) {
    super();
  }

  override decode(row: InboxRow): ReceivedMessage {
    const id = row.attrs['id'];
    if (!id) {
      throw new Error('stanza_without_id');
    }
    return {
      messageId: cleanMessageId(id),
      sentAt: sentAt(row),
      ...readAddresses(row.attrs, row.account),
      pushName: cleanName(row.attrs['notify']),
      ...this.readBody(row),
    };
  }

  private readBody(row: InboxRow): MessageContent {
    if (row.encryption === 'none') {
      return UNDECRYPTABLE;
    }
    if (!row.body) {
      throw new Error('no_body');
    }
    const context = [row.instanceId, 'inbox', row.hash];
    const padded = attempt('sealed_body_refused', () => this.secretBox.open(row.body!, context));
    const bytes = attempt('wrong_padding', () => unpadRandomMax16(padded));
    const content = attempt('not_a_message', () => readContent(proto.Message.decode(bytes)));
    return SILENT_KINDS.has(content.contentType) && hasSpeakingField(bytes) ? UNKNOWN : content;
  }
}

function sentAt(row: InboxRow): Date {
  const { t = '' } = row.attrs;
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
