import type { DataKeys } from '../../common/data-keys.js';
import { mediaSourceContext } from '../../repositories/message-detail.js';
import { SessionUnreadableError } from './session-unreadable-error.js';

export interface CipherKeys {
  /** What credentials and Signal keys are sealed with. */
  session: DataKeys;
  /** What bodies of received messages are sealed with. */
  inbox: DataKeys;
}

/** Seals what one session stores with its own data keys, each value bound to the place where it belongs. */
export class SessionCipher {
  private coming: CipherKeys | undefined;

  constructor(
    private readonly instanceId: string,
    private keys: CipherKeys,
  ) {}

  /** @returns whether this key of `SESSION_ENCRYPTION_KEY`, named by its id, wrapped what the cipher seals with */
  isUnder(masterId: Buffer): boolean {
    const { session, inbox } = this.keys;
    return session.isUnder(masterId) && inbox.isUnder(masterId);
  }

  /** @param keys new ones, which may be in use already: they open from now on, and seal once they are adopted */
  expect(keys: CipherKeys): void {
    this.coming = keys;
  }

  /** @param keys what seals from now on, and everything that opens */
  adopt(keys: CipherKeys): void {
    this.keys = keys;
    this.coming = undefined;
  }

  sealKey(type: string, id: string, text: string): Buffer {
    return this.keys.session.seal(Buffer.from(text), [this.instanceId, type, id]);
  }

  /** @throws SessionUnreadableError when the value was changed, moved, or sealed by an unknown key */
  openKey(type: string, id: string, sealed: Buffer): string {
    return this.open('session', sealed, [this.instanceId, type, id]).toString();
  }

  sealCredentials(text: string): Buffer {
    return this.keys.session.seal(Buffer.from(text), [this.instanceId, 'creds']);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openCredentials(sealed: Buffer): string {
    return this.open('session', sealed, [this.instanceId, 'creds']).toString();
  }

  sealBody(hash: string, body: Uint8Array): Buffer {
    return this.keys.inbox.seal(body, [this.instanceId, 'inbox', hash]);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openBody(hash: string, sealed: Buffer): Buffer {
    return this.open('inbox', sealed, [this.instanceId, 'inbox', hash]);
  }

  /** @param messageId of the row */
  sealMessage(messageId: string, bytes: Uint8Array): Buffer {
    return this.keys.inbox.seal(bytes, [this.instanceId, 'message', messageId]);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openMessage(messageId: string, sealed: Buffer): Buffer {
    return this.open('inbox', sealed, [this.instanceId, 'message', messageId]);
  }

  /** @param messageId WhatsApp's */
  sealMediaSource(messageId: string, text: string): Buffer {
    return this.keys.inbox.seal(Buffer.from(text), mediaSourceContext(this.instanceId, messageId));
  }

  /** @throws SessionUnreadableError as `openKey` */
  openMediaSource(messageId: string, sealed: Buffer): string {
    return this.open('inbox', sealed, mediaSourceContext(this.instanceId, messageId)).toString();
  }

  private open(purpose: keyof CipherKeys, sealed: Buffer, context: readonly string[]): Buffer {
    const keys = this.keys[purpose];
    try {
      return (keys.lacksKeyOf(sealed) ? (this.coming?.[purpose] ?? keys) : keys).open(sealed, context);
    } catch (cause) {
      throw new SessionUnreadableError(cause);
    }
  }
}
