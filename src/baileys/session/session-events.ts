import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { wireTime } from '../outbound/wire-time.js';
import type { Receipt } from '../../repositories/messages.repository.js';

/** What an update says about an outbound message. */
export interface StatusUpdate extends Omit<Receipt, 'chat'> {
  /** Where it was said; undefined: in the account's chat with itself. */
  chatJid: string | undefined;
}

/** WhatsApp's status numbers; 1 (pending) and 0 (error) say nothing about delivery. */
const STATUS_BY_NUMBER = new Map<number, Receipt['status']>([
  [2, 'sent'],
  [3, 'delivered'],
  [4, 'read'],
  [5, 'played'],
]);

/** @returns what the updates say about our outbound messages */
export function receiptsOf(instanceId: string, updates: BaileysEventMap['messages.update']): StatusUpdate[] {
  return updates.flatMap(({ key, update }) => {
    const status = STATUS_BY_NUMBER.get(update.status ?? -1);
    const at = wireTime(Number(update.messageTimestamp ?? 0));
    return key.fromMe && key.id && status
      ? [{ instanceId, whatsappMessageId: key.id, status, at, chatJid: key.remoteJid ?? undefined }]
      : [];
  });
}

/**
 * The library gives receipts of the account's own devices with the chat that they name, those of others as such of own messages.
 * @returns what the updates say of others' messages that were read on another device of the account
 */
export function readElsewhere(
  instanceId: string,
  updates: BaileysEventMap['messages.update'],
): { instanceId: string; whatsappMessageId: string; chatJid: string }[] {
  return updates.flatMap(({ key, update }) => {
    const isRead = STATUS_BY_NUMBER.get(update.status ?? -1) === 'read';
    return !key.fromMe && key.id && key.remoteJid && isRead
      ? [{ instanceId, whatsappMessageId: key.id, chatJid: key.remoteJid }]
      : [];
  });
}
