import { Injectable } from '@nestjs/common';
import { SecretBox } from '../common/secret-box.js';

/** Seals what a session stores, each value bound to the place where it belongs. */
@Injectable()
export class SessionVault {
  constructor(private readonly box: SecretBox) {}

  sealKey(instanceId: string, type: string, id: string, text: string): Buffer {
    return this.box.seal(Buffer.from(text), [instanceId, type, id]);
  }

  /** @throws Error when the value was changed, moved, or sealed by an unknown key */
  openKey(instanceId: string, type: string, id: string, sealed: Buffer): string {
    return this.box.open(sealed, [instanceId, type, id]).toString();
  }

  sealCredentials(instanceId: string, text: string): Buffer {
    return this.box.seal(Buffer.from(text), [instanceId, 'creds']);
  }

  /** @throws Error as `openKey` */
  openCredentials(instanceId: string, sealed: Buffer): string {
    return this.box.open(sealed, [instanceId, 'creds']).toString();
  }

  sealBody(instanceId: string, hash: string, body: Uint8Array): Buffer {
    return this.box.seal(body, [instanceId, 'inbox', hash]);
  }

  /** @throws Error as `openKey` */
  openBody(instanceId: string, hash: string, sealed: Buffer): Buffer {
    return this.box.open(sealed, [instanceId, 'inbox', hash]);
  }
}
