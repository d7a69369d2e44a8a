import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../common/secret-box.js';
import { Logs } from '../../logging/logs.js';
import { PairingQrsRepository } from '../../repositories/pairing-qrs.repository.js';
import { NodeLiveness } from '../ownership/node-liveness.js';
import type { SessionHandle } from '../ownership/session-handle.js';

/** A QR that WhatsApp takes, until it gives another one. */
export interface CurrentQr {
  qr: string;
  issuedAt: Date;
}

/** WhatsApp's first one can be scanned for so long; each that follows, for less, in s. */
const VALID_SECONDS = 60;

/** Puts QR codes where other nodes find them. */
@Injectable()
export class PairingQrStore {
  private readonly log: ReturnType<Logs['component']>;

  constructor(
    private readonly qrs: PairingQrsRepository,
    private readonly box: SecretBox,
    private readonly liveness: NodeLiveness,
    logs: Logs,
  ) {
    this.log = logs.component('baileys');
  }

  /** Returns at once; a fault is logged, and the next code follows soon. */
  show({ instanceId, epoch }: SessionHandle, { qr, issuedAt }: CurrentQr): void {
    if (this.liveness.isAlone) {
      return;
    }
    const sealed = this.box.seal(Buffer.from(qr), contextOf(instanceId));
    const code = { instanceId, epoch, qr: sealed, issuedAt, seconds: VALID_SECONDS };
    this.qrs.store(code).catch((err: unknown) => {
      this.log.warn({ err, instanceId }, 'qr code not shown on other nodes');
    });
  }

  /** @returns what another node got for an instance and can be scanned now */
  async find(instanceId: string): Promise<CurrentQr | null> {
    const found = this.liveness.isAlone ? null : await this.qrs.find(instanceId);
    return found && { ...found, qr: this.box.open(found.qr, contextOf(instanceId)).toString() };
  }
}

function contextOf(instanceId: string): string[] {
  return [instanceId, 'pairing qr'];
}
