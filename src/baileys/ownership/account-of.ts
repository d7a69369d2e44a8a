import { type AuthenticationCreds, jidDecode } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';

/** @returns the addresses of the account that these credentials are linked to */
export function accountOf(creds: Pick<AuthenticationCreds, 'me'>): PersonAddress {
  const phone = jidDecode(creds.me?.id)?.user;
  const lid = jidDecode(creds.me?.lid)?.user;
  return { ...(phone && { phone }), ...(lid && { lid }) };
}

/** Linking is complete. (`registered` does not tell: QR login never sets it, a failed code does.) */
export function isLinked(creds: Pick<AuthenticationCreds, 'me' | 'account'>): boolean {
  return Boolean(creds.me?.id && creds.account);
}
