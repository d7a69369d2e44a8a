import { SessionCipher } from 'libsignal';

/** What this file uses of a session inside a record; libsignal's types leave it out. */
interface Session {
  serialize(): unknown;
  indexInfo: { used: number };
}

interface Decrypted {
  session: Session;
  plaintext: Buffer;
}

interface Cipher extends SessionCipher {
  doDecryptWhisperMessage(data: Uint8Array, session: Session): Promise<Buffer>;
  decryptWithSessions(data: Uint8Array, sessions: Session[]): Promise<Decrypted>;
}

const Base = SessionCipher as unknown as new (...args: ConstructorParameters<typeof SessionCipher>) => Cipher;

/**
 * A cipher that leaves the sessions alone to which a message does not belong. libsignal 6.0.0 steps the ratchet of each
 * session that it tries before it checks the MAC, and stores them all: what is written on such a session next can't be
 * read. A real phone does not do that.
 */
export class RollbackSessionCipher extends Base {
  override async decryptWithSessions(data: Uint8Array, sessions: Session[]): Promise<Decrypted> {
    for (const session of sessions) {
      const before = session.serialize();
      try {
        const plaintext = await this.doDecryptWhisperMessage(data, session);
        session.indexInfo.used = Date.now();
        return { session, plaintext };
      } catch {
        Object.assign(session, restored(session, before));
      }
    }
    return super.decryptWithSessions(data, sessions);
  }
}

function restored(session: Session, serialized: unknown): Session {
  return (session.constructor as unknown as { deserialize(data: unknown): Session }).deserialize(serialized);
}
