import { Injectable } from '@nestjs/common';
import { jidDecode } from '@whiskeysockets/baileys';
import {
  InboxDecoder,
  type InboxRow,
  type ReceivedMessage,
  type RowReader,
  type SealedMessage,
  type SecretReader,
} from '../../common/inbox.js';
import type { MessageChange } from '../../common/message-change.js';
import type { Opener } from '../../common/secret-box.js';
import { KeyRing } from '../../secrets/key-ring.js';
import { attempt, isSealed, openRow } from './inbox-row.js';
import { type MessageAddresses, readAddresses } from './message-addresses.js';
import { cleanMessageId, cleanName } from './message-cleaning.js';
import { readContent } from './message-content.js';
import { hasSpeakingField } from './message-fields.js';
import type { MessageView } from './message-target.js';
import { unwrapMessage } from './message-unwrap.js';
import { readResentMessage } from './placeholder-resend.js';
import { openSealedChange } from './sealed-changes.js';
import { type MessageContent, secretOf } from './shown-content.js';
import { placeholderContent } from './placeholder-content.js';
import { isEdit, isHiddenWhenUnread } from './stanza-hints.js';

const UNKNOWN: MessageContent = {
  contentClass: 'other',
  type: 'unsupported',
  contentType: 'unknown',
  text: '[unsupported message]',
};
/** The account's own phone hands over what was written before. */
const HISTORY: MessageContent = {
  contentClass: 'history',
  type: 'unsupported',
  contentType: 'historySyncNotification',
  text: '',
};
/** What is left to name when decoding dropped the fields that it does not know. */
const SILENT_KINDS = new Set([
  'none',
  'messageContextInfo',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
]);
/** How far the clocks of WhatsApp and of this machine may be apart, in ms. */
const MAX_SKEW_MS = 60_000;

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

  override async secretsOf(rows: readonly InboxRow[]): Promise<SecretReader> {
    const keys = await this.ring.forBodies(rows.filter(isSealed));
    return (row) => secretOfRow(row, keys.get(row.instanceId));
  }

  override openSealed({
    change,
    message,
    account,
    secret,
    author,
  }: SealedMessage): MessageChange | undefined {
    const { chatKind, fromMe, sender, peer } = message;
    const other = fromMe ? peer : sender;
    const written = author ?? change.target.author ?? (change.target.fromMe ? account : other);
    const view = { account, chatKind, fromMe, sender };
    return openSealedChange(change, { secret, author: written ?? {}, sender }, view);
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
  const hidden = isHiddenWhenUnread(row.attrs) ? { isHidden: true } : {};
  if (row.encryption === 'none') {
    return { ...received, ...placeholderContent(row.attrs), ...hidden };
  }
  const { bytes, message } = openRow(row, opener);
  if (received.isPeerTraffic && received.fromMe) {
    const resent = attempt('not_a_resent_message', () => readResentMessage(message, row));
    if (resent) {
      const envelope = readEnvelope(row, resent.attrs);
      return { ...envelope, ...readContent(resent.message, viewOf(row, envelope)), isResent: true };
    }
  }
  if (
    received.isPeerTraffic &&
    received.fromMe &&
    isOfPhone(row) &&
    message.protocolMessage?.historySyncNotification
  ) {
    return { ...received, ...HISTORY };
  }
  const content = attempt('not_a_message', () => readContent(message, viewOf(row, received)));
  if (SILENT_KINDS.has(content.contentType) && hasSpeakingField(bytes)) {
    return { ...received, ...UNKNOWN, ...hidden };
  }
  // A text is shown whatever stands around it, unless it is to take another one's place: phones show it, too.
  const isToHide = content.type === 'unsupported' || isEdit(row.attrs);
  return { ...received, ...content, ...(isToHide && content.contentClass !== 'change' && hidden) };
}

/**
 * @returns the secret of the row's message, whatever its kind; undefined where it has none, or can't be opened any more
 */
export function secretOfRow(row: InboxRow, opener: Opener | undefined): Uint8Array | undefined {
  try {
    const { message } = openRow(row, opener);
    const isOfOwnPhone = row.attrs['category'] === 'peer';
    const resent = isOfOwnPhone ? readResentMessage(message, row) : undefined;
    return secretOf(unwrapMessage(resent?.message ?? message));
  } catch {
    return undefined;
  }
}

/** Of the account's devices, the phone alone has its history. */
function isOfPhone({ attrs }: InboxRow): boolean {
  return (jidDecode(attrs['from'])?.device ?? 0) === 0;
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

function viewOf({ account }: InboxRow, { chatKind, fromMe, sender }: MessageAddresses): MessageView {
  return { account, chatKind, fromMe, sender };
}

/** Nobody wrote anything after it was received. */
function sentAt(row: InboxRow, { t = '' }: Record<string, string>): Date {
  const time = /^\d{1,10}$/.test(t) ? Number(t) * 1000 : 0;
  return time > 0 && time <= row.receivedAt.getTime() + MAX_SKEW_MS ? new Date(time) : row.receivedAt;
}
