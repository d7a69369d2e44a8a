import { SessionCipher } from 'libsignal';

/** What this file uses of a session inside a record; libsignal's types leave it out. */
interface Session {
  serialize(): unknown;
  indexInfo: { used: number };
}

interface SessionClass {
  deserialize(data: unknown): Session;
}

interface Cipher {
  doDecryptWhisperMessage(data: Uint8Array, session: Session): Promise<Buffer>;
  decryptWithSessions(
    data: Uint8Array,
    sessions: Session[],
  ): Promise<{ session: Session; plaintext: Buffer }>;
}

type Decrypted = Awaited<ReturnType<Cipher['decryptWithSessions']>>;

let isInstalled = false;

/**
 * libsignal 6.0.0 tries a message with every session of a record and steps the ratchet of each before it checks the MAC
 * (session_cipher.js, `decryptWithSessions`): the sessions that do not fit are spoilt and then stored. The next message that we
 * encrypt with one of them can't be read. This tries each session on a copy and takes over the one that fits. May be
 * called repeatedly.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`, `decryptWithSessions` and `doDecryptWhisperMessage`;
 * `node_modules/libsignal/src/session_record.js`, `SessionEntry.serialize` and `deserialize`.
 */
export function keepUnfitSessionsIntact(): void {
  if (isInstalled) {
    return;
  }
  isInstalled = true;
  const prototype = SessionCipher.prototype as unknown as Cipher;
  const original = Reflect.get(prototype, 'decryptWithSessions') as Cipher['decryptWithSessions'];
  prototype.decryptWithSessions = async function (this: Cipher, data, sessions): Promise<Decrypted> {
    // With one session there is nothing to spoil: a failed decryption stores nothing.
    if (sessions.length < 2) {
      return original.call(this, data, sessions);
    }
    for (const session of sessions) {
      const copy = copyOf(session);
      try {
        const plaintext = await this.doDecryptWhisperMessage(data, copy);
        Object.assign(session, copy);
        delete (session as { pendingPreKey?: unknown }).pendingPreKey;
        session.indexInfo.used = Date.now();
        return { session, plaintext };
      } catch {
        // Belongs to another session, or to none: then the original says so below, and nothing is stored.
      }
    }
    return original.call(this, data, sessions);
  };
}

function copyOf(session: Session): Session {
  return (session.constructor as unknown as SessionClass).deserialize(session.serialize());
}
