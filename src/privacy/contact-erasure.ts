import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Logs } from '../logging/logs.js';
import { type ErasureReceipt, ErasuresRepository } from '../repositories/erasures.repository.js';

/** Erases contacts, in as many steps as it takes. */
@Injectable()
export class ContactErasure {
  private readonly log: Logger;

  constructor(
    private readonly erasures: ErasuresRepository,
    logs: Logs,
  ) {
    this.log = logs.component('privacy');
  }

  /**
   * @param signal ends it between two steps
   * @returns the receipt; the one that there is already of a contact that was erased before
   * @throws NotFoundError `contact_not_found`
   * @throws AppError when the database is away: what is left is erased when this is called again, or by the sweep
   */
  async erase(organizationId: string, contactId: string, signal?: AbortSignal): Promise<ErasureReceipt> {
    let receipt: ErasureReceipt | undefined;
    while (receipt === undefined) {
      signal?.throwIfAborted();
      receipt = await this.erasures.eraseStep(organizationId, contactId);
    }
    this.log.info({ organizationId, erasureId: receipt.id, counts: receipt.counts }, 'contact erased');
    return receipt;
  }

  /**
   * Goes on with what somebody began and did not finish. One that fails is logged, and does not keep the others waiting.
   * @param idleMs how long ago it was begun, at least
   * @param signal ends it between two steps
   * @throws AppError when the database is away
   */
  async finish(idleMs: number, signal: AbortSignal): Promise<void> {
    for (const { organizationId, contactId } of await this.erasures.listUnfinished(idleMs)) {
      try {
        await this.erase(organizationId, contactId, signal);
      } catch (err) {
        signal.throwIfAborted();
        this.log.warn({ err, organizationId, contactId }, 'erasure can not be finished');
      }
    }
  }
}
