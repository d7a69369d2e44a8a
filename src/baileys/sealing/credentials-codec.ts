import { type AuthenticationCreds, BufferJSON, initAuthCreds } from '@whiskeysockets/baileys';
import { ownBytes } from '../../common/own-bytes.js';

/** @returns the whole credentials as they are at this moment; Baileys mutates them in place */
export function serializeCredentials(creds: AuthenticationCreds): string {
  return JSON.stringify(creds, BufferJSON.replacer);
}

/** @param text made by `serializeCredentials`; null for an instance that was never linked */
export function restoreCredentials(text: string | null): AuthenticationCreds {
  return text === null ? initAuthCreds() : (JSON.parse(text, revive) as AuthenticationCreds);
}

/** Kept for as long as the session runs. */
function revive(key: string, value: unknown): unknown {
  const revived: unknown = BufferJSON.reviver(key, value);
  return Buffer.isBuffer(revived) ? ownBytes(revived) : revived;
}
