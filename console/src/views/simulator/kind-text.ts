import type { messages } from './messages.ts';

/** What a message is called that shows more than its text, by the name of its protobuf field. */
const KINDS: Readonly<Record<string, keyof (typeof messages)['en']>> = {
  imageMessage: 'image',
  videoMessage: 'video',
  ptvMessage: 'videoNote',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerMessage: 'sticker',
  albumMessage: 'album',
  locationMessage: 'location',
  liveLocationMessage: 'liveLocation',
  contactMessage: 'contact',
  contactsArrayMessage: 'contacts',
  pollCreationMessage: 'poll',
  pollCreationMessageV3: 'poll',
  eventMessage: 'event',
  productMessage: 'product',
  orderMessage: 'order',
  requestPaymentMessage: 'payment',
  groupInviteMessage: 'invite',
  buttonsResponseMessage: 'buttonReply',
  listResponseMessage: 'listReply',
};

/** @returns what the kind is called; undefined for a plain text, and for what has no name here */
export function kindText(kind: string): keyof (typeof messages)['en'] | undefined {
  return KINDS[kind];
}
