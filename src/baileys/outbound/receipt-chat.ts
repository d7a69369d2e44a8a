import { type BinaryNode, getBinaryNodeChildren, type SignalKeyStore } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';
import { localAlternatives } from '../signal/lid-lookup.js';
import { personOf, readAddresses } from '../decoding/message-addresses.js';

type Keys = Pick<SignalKeyStore, 'get'>;

/** @returns the ids of the messages that a `<receipt>` stanza names */
export function receiptIds(receipt: BinaryNode): string[] {
  const parts = Array.isArray(receipt.content) ? receipt.content : [];
  const items = parts.flatMap((part) => getBinaryNodeChildren(part, 'item'));
  return [receipt, ...items].flatMap(({ attrs: { id } }) => (id ? [id] : []));
}

/**
 * @param keys asked for `lid-mapping` only; never the network
 * @param jid of a person, with or without a device
 * @returns both addresses of the person, as far as they are known here; none for what is no person
 */
export async function personAt(keys: Keys, jid: string): Promise<PersonAddress> {
  const { sender_pn: phoneJid, sender_lid: lidJid } = await localAlternatives(keys, { from: jid });
  return personOf(jid, phoneJid, lidJid);
}

/**
 * @param attrs of a `<receipt>` stanza
 * @returns the other side of the chat that it speaks of, and whether one of the account's own devices sent it
 * @throws Error when it claims a recipient although somebody else sent it
 */
export async function chatOf(
  keys: Keys,
  account: PersonAddress,
  attrs: Record<string, string>,
): Promise<{ fromMe: boolean; chat: PersonAddress }> {
  const alternatives = await localAlternatives(keys, attrs);
  const { fromMe, chatKind, peer } = readAddresses({ ...alternatives, ...attrs }, account);
  return { fromMe, chat: peer ?? (chatKind === 'self' ? account : {}) };
}

/** @returns whether a chat with the person has this address */
export function isChatWith({ phone, lid }: PersonAddress, chatJid: string): boolean {
  const chat = personOf(chatJid);
  return (chat.phone !== undefined && chat.phone === phone) || (chat.lid !== undefined && chat.lid === lid);
}
