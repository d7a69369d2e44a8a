import type { DataKeys } from '../common/data-keys.js';
import { SessionUnreadableError } from './session-unreadable-error.js';

/** Seals what one session stores with its own data keys, each value bound to the place where it belongs. */
export class SessionVault {
  /**
   * @param session what credentials and Signal keys are sealed with
   * @param inbox what bodies of received messages are sealed with
   */
  constructor(
    private readonly instanceId: string,
    private readonly session: DataKeys,
    private readonly inbox: DataKeys,
  ) {}

  sealKey(type: string, id: string, text: string): Buffer {
    return this.session.seal(Buffer.from(text), [this.instanceId, type, id]);
  }

  /** @throws SessionUnreadableError when the value was changed, moved, or sealed by an unknown key */
  openKey(type: string, id: string, sealed: Buffer): string {
    return open(this.session, sealed, [this.instanceId, type, id]).toString();
  }

  sealCredentials(text: string): Buffer {
    return this.session.seal(Buffer.from(text), [this.instanceId, 'creds']);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openCredentials(sealed: Buffer): string {
    return open(this.session, sealed, [this.instanceId, 'creds']).toString();
  }

  sealBody(hash: string, body: Uint8Array): Buffer {
    return this.inbox.seal(body, [this.instanceId, 'inbox', hash]);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openBody(hash: string, sealed: Buffer): Buffer {
    return open(this.inbox, sealed, [this.instanceId, 'inbox', hash]);
  }
}

function open(keys: DataKeys, sealed: Buffer, context: readonly string[]): Buffer {
  try {
    return keys.open(sealed, context);
  } catch (cause) {
    throw new SessionUnreadableError(cause);
  }
}
