import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import type { SessionHandle } from '../ownership/session-handle.js';
import type { SessionKeyStore } from './session-key-store.js';

/** A session that this process owns. */
export interface OwnedSession {
  handle: SessionHandle;
  keys: SessionKeyStore;
  /** Live: Baileys mutates them in place. */
  creds: AuthenticationCreds;
  /** As the database has them, or will have them unless the handle is given up; null: none. */
  storedCredentials: string | null;
  phoneNumber: string | null;
  /** The instance is deleted: for how long taking the device off the account is still tried, in ms; null: it is not. */
  logoutMs: number | null;
  /** As it was known when it was taken over. */
  isRestricted: boolean;
}
