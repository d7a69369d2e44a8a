import { jidDecode } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { shownChatOf } from './ignored-jids.js';

/** People whose two addresses are remembered. */
const MAX_NAMES = 5_000;
/** Attributes that give the other address of a stanza's chat. */
const OTHER_ADDRESSES = ['sender_pn', 'sender_lid', 'peer_recipient_pn', 'peer_recipient_lid'] as const;
/** The same of what came through a list. */
const OTHER_ADDRESSES_OF_AUTHOR = ['participant_pn', 'participant_lid'] as const;

/**
 * Tells chats apart by the stanzas themselves, whichever device wrote and whichever of a person's two addresses it used. Asks
 * nobody: a pair of addresses is known once a stanza named both.
 */
export class ChatNames {
  // Not `max`: for that the cache takes memory for all its entries in advance.
  private readonly names = new LRUCache<string, string>({ maxSize: MAX_NAMES, sizeCalculation: () => 1 });

  /** @returns a name of the chat that a stanza belongs to; the owner's own messages belong to the recipient's */
  of(attrs: Readonly<Record<string, string>>): string {
    const chat = shownChatOf(attrs);
    const isOfAuthor = chat === attrs['participant'];
    const others = isOfAuthor ? OTHER_ADDRESSES_OF_AUTHOR : OTHER_ADDRESSES;
    const addresses = [chat, ...others.map((attribute) => attrs[attribute])]
      .map((jid) => addressOf(jid))
      .filter((address) => address !== undefined);
    const known = addresses.map((address) => this.names.get(address)).find((name) => name !== undefined);
    const name = known ?? addresses[0] ?? '';
    // A stanza with one address teaches nothing.
    if (addresses.length > 1) {
      addresses.forEach((address) => this.names.set(address, name));
    }
    return name;
  }
}

/** @returns a person's or group's address without its device */
export function addressOf(jid: string | undefined): string | undefined {
  const decoded = jidDecode(jid);
  return decoded && `${decoded.user}@${decoded.server}`;
}
