import { type AuthenticationCreds, type BinaryNode, decodeMessageNode } from '@whiskeysockets/baileys';

/** How assistants write; Baileys refuses a stanza that brings this first, whatever else is in it. */
const REFUSED_ENCRYPTION = 'msmsg';

/**
 * What the library refuses before it decrypts anything: it answers with an error and tells nobody. That is what comes from a kind of
 * address that it does not know, or names a recipient while its author is none of the addresses by which the session knows itself.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/messages-recv.js`, `handleMessage`; `lib/Utils/decode-wa-message.js`,
 * `decodeMessageNode`.
 *
 * @param stanza a `<message>`
 * @param creds of the socket
 */
export function isRefused(stanza: BinaryNode, { me }: Pick<AuthenticationCreds, 'me'>): boolean {
  const parts = Array.isArray(stanza.content) ? stanza.content : [];
  if (parts.find(({ tag }) => tag === 'enc')?.attrs['type'] === REFUSED_ENCRYPTION) {
    return true;
  }
  try {
    decodeMessageNode(stanza, me?.id ?? '', me?.lid ?? '');
    return false;
  } catch {
    return true;
  }
}
