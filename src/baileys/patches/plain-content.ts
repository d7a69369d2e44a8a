import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';

/**
 * Kinds of content about which the library does nothing but tell others of it.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Utils/process-message.js`: whatever it looks for in a message.
 * `lib/Utils/decode-wa-message.js`, `decryptMessageNode`: `senderKeyDistributionMessage` and `deviceSentMessage`.
 * `lib/Socket/messages-recv.js` (`handleMessage`) and `lib/Socket/chats.js` (`upsertMessage`): notifications of histories and keys, which are
 * protocol messages. `lib/Utils/messages.js`, `normalizeMessageContent`: kinds that have another message inside, none of which is here.
 */
const PLAIN = new Set([
  'conversation',
  'extendedTextMessage',
  'imageMessage',
  'videoMessage',
  'audioMessage',
  'documentMessage',
  'stickerMessage',
  'contactMessage',
  'contactsArrayMessage',
  'locationMessage',
  'liveLocationMessage',
]);
/** Comes beside the content, and says nothing that the library heeds. */
const BESIDE = 'messageContextInfo';

/**
 * @param padded what a sender encrypted
 * @returns whether the library can read it, and then does nothing that this service would notice
 */
export function isPlainContent(padded: Uint8Array): boolean {
  const kinds = kindsOf(padded);
  return kinds.some((kind) => PLAIN.has(kind)) && kinds.every((kind) => PLAIN.has(kind) || kind === BESIDE);
}

/** @returns the fields of a message; none where it can't be read */
function kindsOf(padded: Uint8Array): string[] {
  try {
    return Object.keys(proto.Message.decode(unpadRandomMax16(padded)));
  } catch {
    return [];
  }
}
