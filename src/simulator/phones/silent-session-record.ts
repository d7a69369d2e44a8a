import { SessionRecord } from 'libsignal';

interface Session {
  readonly indexInfo: { closed: number };
}

/** The parts of libsignal's record that its type declarations leave out. */
export interface SessionState {
  sessions: Record<string, Session>;
  getOpenSession(): Session | undefined;
  isClosed(session: Session): boolean;
  closeSession(session: Session): void;
  serialize(): Uint8Array;
}

interface SessionRecordClass {
  new (): SessionState;
  deserialize(serialized: Uint8Array): SessionState;
}

const Base = SessionRecord as unknown as SessionRecordClass;
const KEPT_CLOSED_SESSIONS = 4;

/** A Signal session record that closes sessions without printing them, keys included, to the console. */
export class SilentSessionRecord extends Base {
  override closeSession(session: Session): void {
    session.indexInfo.closed = Date.now();
  }

  /** Closes the open session, if any, so that the next message starts a fresh one; forgets all but the newest closed ones. */
  closeOpen(): void {
    const open = this.getOpenSession();
    if (open) {
      this.closeSession(open);
    }
    const closed = Object.entries(this.sessions).filter(([, session]) => this.isClosed(session));
    closed.sort(([, a], [, b]) => b.indexInfo.closed - a.indexInfo.closed);
    for (const [key] of closed.slice(KEPT_CLOSED_SESSIONS)) {
      delete this.sessions[key];
    }
  }

  /** A deep copy for a decryption, which may fail half way: libsignal steps the ratchet before it checks the MAC. */
  scratch(): SilentSessionRecord {
    const copy = SilentSessionRecord.deserialize(this.serialize()) as SilentSessionRecord;
    const original = copy.getOpenSession.bind(copy);
    copy.getOpenSession = () => {
      const open = original();
      if (open) {
        copy.closeSession(open);
      }
      return undefined;
    };
    return copy;
  }

  /** Turns a scratch copy that decrypted well into the record to keep. */
  adopt(): SilentSessionRecord {
    Reflect.deleteProperty(this, 'getOpenSession');
    return this;
  }
}
