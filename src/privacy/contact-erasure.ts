import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError, isNotFound } from '../common/app-error.js';
import { withTimeout } from '../common/with-timeout.js';
import { FairSemaphore } from '../common/fair-semaphore.js';
import { Logs } from '../logging/logs.js';
import { type ErasureReceipt, ErasuresRepository } from './erasures.repository.js';

/** Erasures of one organization that this process is at. */
export const MAX_RUNNING = 200;
/** Steps at a time. */
const STEPS_AT_ONCE = 4;
/** Of one organization: the others have something to do, too. */
const STEPS_OF_ONE = 1;

/** What goes on, also when no caller waits for it. */
interface RunningErasure {
  /** Settles when the receipt is stored; with it, where the contact was erased before. */
  begun: Promise<ErasureReceipt | undefined>;
  ended: Promise<ErasureReceipt>;
}

/** Erases contacts, in as many steps as it takes. */
@Injectable()
export class ContactErasure implements BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly stopping = new AbortController();
  /** By contact. */
  private readonly running = new Map<string, RunningErasure>();
  private readonly steps = new FairSemaphore(STEPS_AT_ONCE, STEPS_OF_ONE);

  constructor(
    private readonly erasures: ErasuresRepository,
    logs: Logs,
  ) {
    this.log = logs.component('privacy');
  }

  /** Ends what goes on in the background between two steps: the sweep of any process finishes it. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort(
      new AppError('shutting_down', { message: 'The service is stopping; the erasure is finished later.' }),
    );
    await Promise.allSettled([...this.running.values()].map(({ ended }) => ended));
  }

  /**
   * Erases, and goes on in the background when that takes longer than a caller waits.
   * @param patienceMs how long the caller waits, in ms
   * @returns the receipt; without `erasedAt` while it goes on
   * @throws AppError `contact_not_found`; `too_many_erasures`
   * @throws AppError when the database is away: what is left is erased when this is called again, or by the sweep
   */
  async eraseWithin(organizationId: string, contactId: string, patienceMs: number): Promise<ErasureReceipt> {
    const { begun, ended } =
      this.running.get(keyOf(organizationId, contactId)) ?? this.begin(organizationId, contactId);
    const receipt = await withTimeout(ended, patienceMs);
    if (receipt) {
      return receipt;
    }
    // From then on there is a receipt to look at; where that hangs, the caller waits for it as for any call.
    await begun;
    return (await this.erasures.findErasureOf(organizationId, contactId)) ?? ended;
  }

  /** @returns what goes on, also when no caller waits for it */
  private begin(organizationId: string, contactId: string): RunningErasure {
    const ofOrganization = [...this.running.keys()].filter((key) =>
      key.startsWith(keyOf(organizationId, '')),
    );
    if (ofOrganization.length >= MAX_RUNNING) {
      throw new AppError('too_many_erasures');
    }
    const key = keyOf(organizationId, contactId);
    const begun = this.erasures.beginErasure(organizationId, contactId);
    const ended = begun
      .then((receipt) => receipt ?? this.erase(organizationId, contactId, this.stopping.signal))
      .finally(() => this.running.delete(key));
    const running = { begun, ended };
    this.running.set(key, running);
    ended.catch((err: unknown) => {
      if (!isNotFound(err)) {
        this.log.debug({ err, organizationId, contactId }, 'erasure not finished yet');
      }
    });
    return running;
  }

  /**
   * @param signal ends it between two steps
   * @returns the receipt; the one that there is already of a contact that was erased before
   * @throws AppError `contact_not_found`
   * @throws AppError when the database is away: what is left is erased when this is called again, or by the sweep
   */
  async erase(organizationId: string, contactId: string, signal?: AbortSignal): Promise<ErasureReceipt> {
    let receipt: ErasureReceipt | undefined;
    while (receipt === undefined) {
      receipt = await this.steps.run(
        organizationId,
        () => this.erasures.eraseStep(organizationId, contactId),
        signal,
      );
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

function keyOf(organizationId: string, contactId: string): string {
  return `${organizationId}/${contactId}`;
}
