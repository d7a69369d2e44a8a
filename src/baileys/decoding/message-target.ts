import type { proto } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';
import type { MessageTarget } from '../../common/message-change.js';
import { isSamePerson, type MessageAddresses, personOf } from './message-addresses.js';
import { cleanMessageId } from './message-cleaning.js';

/** From whose side a message is read: who wrote it, and who received it. */
export interface MessageView extends Pick<MessageAddresses, 'chatKind' | 'fromMe'> {
  account: PersonAddress;
  /** Who wrote it; told where a chat has more than two people. */
  sender?: PersonAddress | undefined;
}

/**
 * A key says who wrote its message as the author of the key sees it.
 * @param key names a message of the chat that it came in
 * @returns the same message as the account sees it; undefined where the key names none
 */
export function targetOf(
  key: proto.IMessageKey | null | undefined,
  view: MessageView,
): MessageTarget | undefined {
  if (!key?.id) {
    return undefined;
  }
  const fromMe = isOwn(key, view);
  const isOfOther = view.chatKind === 'group' && !fromMe;
  return { messageId: cleanMessageId(key.id), fromMe, ...(isOfOther && { author: authorOf(key, view) }) };
}

/** Who did it names as his own what has no other author. */
function authorOf({ fromMe, participant }: proto.IMessageKey, view: MessageView): PersonAddress | undefined {
  return fromMe === true ? view.sender : personOf(participant ?? undefined);
}

/** @returns whether an address is the account's */
export function authorIsAccount(jid: string | null | undefined, { account }: MessageView): boolean {
  return isSamePerson(personOf(jid ?? undefined), account);
}

function isOwn({ fromMe, participant }: proto.IMessageKey, view: MessageView): boolean {
  const isOfItsAuthor = fromMe === true;
  if (view.fromMe) {
    return isOfItsAuthor;
  }
  // In a chat of two, what its author did not write is the account's; elsewhere the key names who wrote it.
  return !isOfItsAuthor && (view.chatKind === 'direct' || authorIsAccount(participant, view));
}
