import type { proto } from '@whiskeysockets/baileys';
import type { MediaLibrary } from '../media-host/media-library.js';
import type { MessageReference } from './message-content.js';

/** Who writes to whom, for contents that refer to other messages, and where their files go. */
export interface Perspective {
  /** Number of the author. */
  readonly author: string;
  /** The receiver's address, which keys of quoted messages name. */
  readonly chatAddress: string;
  readonly media: MediaLibrary;
  /** Address of the phone with a number, in the form that the message is written in. */
  addressOf(number: string): string;
  /** The secret of a message that the author wrote or got. Throws where it has none. */
  secretOf(reference: MessageReference): Uint8Array;
}

/** The key by which a message names another one. */
export function keyOf(reference: MessageReference, view: Perspective): proto.IMessageKey {
  const fromMe = reference.from === view.author;
  const participant = view.chatAddress.endsWith('@g.us') && !fromMe ? view.addressOf(reference.from) : null;
  return { id: reference.id, fromMe, remoteJid: view.chatAddress, ...(participant && { participant }) };
}
