import { isJidBroadcast, isJidGroup, isJidNewsletter } from '@whiskeysockets/baileys';

/**
 * Groups, status, broadcasts and channels never become conversations here, and decrypting one group message costs as
 * much as eighty direct ones. They are acknowledged without being decrypted (`acknowledgeIgnored`); a sender's session is not
 * harmed, since its messages stay `pkmsg` until it hears from us. Must not throw.
 */
export function shouldIgnoreJid(jid: string): boolean {
  return Boolean(isJidGroup(jid) || isJidBroadcast(jid) || isJidNewsletter(jid));
}
