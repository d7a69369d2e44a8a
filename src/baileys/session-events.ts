import { type BaileysEventMap, WAMessageStubType, type WAMessage } from '@whiskeysockets/baileys';
import type { Receipt } from '../repositories/messages.repository.js';
import type { PlainInboxRow } from './pending-batch.js';
import { toPlaceholderRow } from './stanza-row.js';

/** WhatsApp's status numbers; 1 (pending) and 0 (error) say nothing about delivery. */
const STATUS_BY_NUMBER = new Map<number, Receipt['status']>([
  [2, 'sent'],
  [3, 'delivered'],
  [4, 'read'],
  [5, 'read'],
]);

/** @returns what the updates say about our outbound messages */
export function receiptsOf(instanceId: string, updates: BaileysEventMap['messages.update']): Receipt[] {
  return updates.flatMap(({ key, update }) => {
    const status = STATUS_BY_NUMBER.get(update.status ?? -1);
    return key.fromMe && key.id && status ? [{ instanceId, whatsappMessageId: key.id, status }] : [];
  });
}

/**
 * Messages that no decryption passed through: of these the inbox gets a placeholder, so that they are visible.
 * @param meId the account's own JID
 */
export function placeholdersOf(messages: WAMessage[], meId: string): PlainInboxRow[] {
  return messages.flatMap((message) => {
    const isPlaceholder = message.messageStubType === WAMessageStubType.CIPHERTEXT && !message.message;
    return isPlaceholder && message.key.id ? [toPlaceholderRow(attributesOf(message, meId))] : [];
  });
}

/** The stanza's attributes, as far as they can be told from what Baileys made of them. */
function attributesOf({ key, pushName, messageTimestamp }: WAMessage, meId: string): Record<string, string> {
  const remote = key.remoteJid ?? '';
  const from = key.fromMe ? meId : remote;
  const alternative = key.remoteJidAlt ?? '';
  const prefix = key.fromMe ? 'peer_recipient' : 'sender';
  return {
    id: key.id ?? '',
    from,
    ...(key.fromMe && { recipient: remote }),
    ...(key.participant && { participant: key.participant }),
    ...(alternative.endsWith('@lid') && { [`${prefix}_lid`]: alternative }),
    ...(alternative.endsWith('@s.whatsapp.net') && { [`${prefix}_pn`]: alternative }),
    ...(pushName && { notify: pushName }),
    ...(messageTimestamp && { t: String(messageTimestamp) }),
  };
}
