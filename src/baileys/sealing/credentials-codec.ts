import { type AuthenticationCreds, BufferJSON, initAuthCreds } from '@whiskeysockets/baileys';

/** @returns the whole credentials as they are at this moment; Baileys mutates them in place */
export function serializeCredentials(creds: AuthenticationCreds): string {
  return JSON.stringify(creds, BufferJSON.replacer);
}

/** @param text made by `serializeCredentials`; null for an instance that was never linked */
export function restoreCredentials(text: string | null): AuthenticationCreds {
  return text === null ? initAuthCreds() : (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds);
}
