import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull } from './column-values.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

/** The QR codes that wait to be scanned, so that every node can show them. All values are sealed by the caller. */
@Injectable()
export class PairingQrsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** Takes the place of an earlier one; does nothing for an epoch that is not current. */
  async store(code: {
    instanceId: string;
    epoch: number;
    qr: Buffer;
    issuedAt: Date;
    /** How long it can be scanned at most, in s. */
    seconds: number;
  }): Promise<void> {
    const p = {
      instance_id: code.instanceId,
      epoch: code.epoch,
      qr: base64OrNull(code.qr),
      issued_at: code.issuedAt.toISOString(),
      seconds: code.seconds,
    };
    await answerOf(this.client.rpc('store_pairing_qr', { p }));
  }

  /** @returns what can be scanned now */
  async find(instanceId: string): Promise<{ qr: Buffer; issuedAt: Date } | null> {
    const p = { instance_id: instanceId };
    const row = await answerOrNullOf<{ qr: string; issued_at: string }>(
      this.client.rpc('find_pairing_qr', { p }),
    );
    return row && { qr: Buffer.from(row.qr, 'base64'), issuedAt: new Date(row.issued_at) };
  }
}
