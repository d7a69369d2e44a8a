import { isJidBroadcast, isJidGroup, isJidNewsletter, isJidStatusBroadcast } from '@whiskeysockets/baileys';

/**
 * Groups, status and channels never become conversations here, and decrypting one group message costs as
 * much as eighty direct ones. They are acknowledged without being decrypted (`acknowledgeIgnored`); a sender's session is not
 * harmed, since its messages stay `pkmsg` until it hears from us. Must not throw.
 * @param storesGroups whether the instance keeps what is written in groups
 */
export function shouldIgnoreJid(jid: string, storesGroups: boolean): boolean {
  return Boolean((isJidGroup(jid) && !storesGroups) || isJidStatusBroadcast(jid) || isJidNewsletter(jid));
}

/** @returns whether it is the address of somebody's list: what comes through it stands in the direct chat with its author */
export function isBroadcastList(jid: string): boolean {
  return Boolean(isJidBroadcast(jid) && !isJidStatusBroadcast(jid));
}

/**
 * @param attrs attributes of a `<message>` stanza
 * @returns the chat in which phones show it, as the stanza names it; undefined where it names none
 */
export function shownChatOf(attrs: Readonly<Record<string, string | undefined>>): string | undefined {
  const { recipient, from, participant } = attrs;
  return recipient ?? (participant !== undefined && isBroadcastList(from ?? '') ? participant : from);
}
