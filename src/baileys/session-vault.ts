import { Injectable } from '@nestjs/common';
import { SecretBox } from '../common/secret-box.js';
import { SessionUnreadableError } from './session-unreadable-error.js';

/** Seals what a session stores, each value bound to the place where it belongs. */
@Injectable()
export class SessionVault {
  constructor(private readonly box: SecretBox) {}

  sealKey(instanceId: string, type: string, id: string, text: string): Buffer {
    return this.box.seal(Buffer.from(text), [instanceId, type, id]);
  }

  /** @throws SessionUnreadableError when the value was changed, moved, or sealed by an unknown key */
  openKey(instanceId: string, type: string, id: string, sealed: Buffer): string {
    return this.open(sealed, [instanceId, type, id]).toString();
  }

  sealCredentials(instanceId: string, text: string): Buffer {
    return this.box.seal(Buffer.from(text), [instanceId, 'creds']);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openCredentials(instanceId: string, sealed: Buffer): string {
    return this.open(sealed, [instanceId, 'creds']).toString();
  }

  sealBody(instanceId: string, hash: string, body: Uint8Array): Buffer {
    return this.box.seal(body, [instanceId, 'inbox', hash]);
  }

  /** @throws SessionUnreadableError as `openKey` */
  openBody(instanceId: string, hash: string, sealed: Buffer): Buffer {
    return this.open(sealed, [instanceId, 'inbox', hash]);
  }

  private open(sealed: Buffer, context: readonly string[]): Buffer {
    try {
      return this.box.open(sealed, context);
    } catch (cause) {
      throw new SessionUnreadableError(cause);
    }
  }
}
