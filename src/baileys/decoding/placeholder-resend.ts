import { proto } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';

/** A message that the own phone sent once more, because this client had got a placeholder of it. */
export interface ResentMessage {
  /** As the attributes of its own stanza would be. */
  attrs: Record<string, string>;
  message: proto.IMessage;
}

/**
 * @param carrier a decoded message that came from the account's own phone as traffic between devices: of nobody else may
 *   it be believed
 * @param account the account
 * @returns the message that it brings, if it is the answer to a request for one
 */
export function readResentMessage(
  carrier: proto.IMessage,
  account: PersonAddress,
): ResentMessage | undefined {
  const results =
    carrier.protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
  for (const { placeholderMessageResendResponse: response } of results) {
    // One for each request, and requests are for one message.
    if (response?.webMessageInfoBytes) {
      const info = proto.WebMessageInfo.decode(response.webMessageInfoBytes);
      if (info.message && info.key?.id && info.key.remoteJid) {
        return { attrs: attributesOf(info, account), message: info.message };
      }
    }
  }
  return undefined;
}

function attributesOf(info: proto.WebMessageInfo, account: PersonAddress): Record<string, string> {
  const { key, pushName, messageTimestamp } = info;
  const remote = key?.remoteJid ?? '';
  const participant = key?.participant ?? info.participant;
  const own = account.lid === undefined ? `${account.phone ?? ''}@s.whatsapp.net` : `${account.lid}@lid`;
  // A group names its author by `participant`, whoever that is; a direct chat by `from`.
  const isOwnDirect = key?.fromMe === true && !participant;
  return {
    id: key?.id ?? '',
    ...(isOwnDirect ? { from: own, recipient: remote } : { from: remote }),
    ...(participant && { participant }),
    ...(pushName && { notify: pushName }),
    t: String(messageTimestamp ?? ''),
  };
}
