import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import type { InboxRow } from '../../common/inbox.js';

/** The other address of the chat that a resent message is of, in the attributes of the row that it came in. */
export const RESENT_OTHER = 'resent_other';

/** A message that the own phone sent once more, because this client had got a placeholder of it. */
export interface ResentMessage {
  /** As the attributes of its own stanza would be. */
  attrs: Record<string, string>;
  message: proto.IMessage;
}

/**
 * @param carrier a decoded message that came from the account's own phone as traffic between devices: of nobody else may
 *   it be believed
 * @param row the row that it came in: what was known of the other side when it was received is in its attributes
 * @returns the message that it brings, if it is the answer to a request for one
 */
export function readResentMessage(
  carrier: proto.IMessage,
  row: Pick<InboxRow, 'account' | 'attrs'>,
): ResentMessage | undefined {
  const info = infoOf(carrier);
  return info?.message ? { attrs: attributesOf(info, row), message: info.message } : undefined;
}

/** @returns the chat of the message that a padded message brings; undefined where it brings none */
export function chatOfResent(padded: Uint8Array): string | undefined {
  try {
    return infoOf(proto.Message.decode(unpadRandomMax16(padded)))?.key?.remoteJid ?? undefined;
  } catch {
    return undefined;
  }
}

function infoOf(carrier: proto.IMessage): proto.WebMessageInfo | undefined {
  const results =
    carrier.protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
  for (const { placeholderMessageResendResponse: response } of results) {
    // One for each request, and requests are for one message.
    if (response?.webMessageInfoBytes) {
      const info = proto.WebMessageInfo.decode(response.webMessageInfoBytes);
      if (info.message && info.key?.id && info.key.remoteJid) {
        return info;
      }
    }
  }
  return undefined;
}

function attributesOf(
  info: proto.WebMessageInfo,
  { account, attrs }: Pick<InboxRow, 'account' | 'attrs'>,
): Record<string, string> {
  const { key, pushName, messageTimestamp } = info;
  const remote = key?.remoteJid ?? '';
  const participant = key?.participant ?? info.participant;
  const own = account.lid === undefined ? `${account.phone ?? ''}@s.whatsapp.net` : `${account.lid}@lid`;
  // A group names its author by `participant`, whoever that is; a direct chat by `from`.
  const isOwnDirect = key?.fromMe === true && !participant;
  const other = attrs[RESENT_OTHER];
  return {
    id: key?.id ?? '',
    ...(isOwnDirect ? { from: own, recipient: remote } : { from: remote }),
    ...(other && {
      [`${isOwnDirect ? 'peer_recipient' : 'sender'}_${other.endsWith('@lid') ? 'lid' : 'pn'}`]: other,
    }),
    ...(participant && { participant }),
    ...(pushName && { notify: pushName }),
    t: String(messageTimestamp ?? ''),
  };
}
