import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import { callerOf } from '../auth/request-caller.js';
import { AuditLog } from './audit-log.js';
import { entryOf } from './audit-entry.js';

const MAX_REMEMBERED = 10_000;
/** No secret of this kind is shown for longer. */
const REMEMBERED_MS = 10 * 60_000;

/**
 * Notes who was shown a secret that lives for a moment, such as a QR string. A page that asks for it every second, by one caller
 * from one address, makes one entry for each secret.
 */
@Injectable()
export class SecretReadings {
  private readonly noted = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });

  constructor(private readonly audit: AuditLog) {}

  /**
   * To be called before the answer that shows the secret.
   * @param request that asks for it, of a caller who may see it
   * @throws AppError when the entry can't be stored: then the secret must not be shown
   */
  async note(request: Request, secret: string): Promise<void> {
    const entry = entryOf(request);
    const { kind, id } = callerOf(request).principal;
    const reading = [kind, id, entry.address, request.path, secret].join('\n');
    const key = createHash('sha256').update(reading).digest('base64');
    if (!this.noted.has(key)) {
      await this.audit.record({ ...entry, outcome: 'done', status: 200 });
      this.noted.set(key, true);
    }
  }
}
