import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { CoalescedRun } from '../common/coalesced-run.js';
import type { DomainEventBus } from '../common/domain-events.js';
import type {
  ClaimedMedia,
  MediaOutcome,
  MediaStep,
  MessageMediaRepository,
} from '../repositories/message-media.repository.js';

export interface ClaimBounds {
  step: MediaStep;
  /** At the same time. */
  atOnce: number;
  perOrganization: number;
  leaseMs: number;
  /** Nothing is taken while it says no; left out, there is always something to take. */
  isOpen?: () => boolean;
}

/** The worker ends: what it is at is another one's. */
export const STOPPING = Symbol('stopping');

/**
 * Takes files whose turn it is, as many as it has room for, and has each worked on while it is its own. A claim that is lost ends
 * the work; one whose process dies is another worker's when its lease ends.
 */
export class MediaClaims {
  private readonly worker = randomUUID();
  private readonly active = new Map<string, AbortController>();
  private readonly works = new Set<Promise<void>>();
  private readonly filling = new CoalescedRun(() => this.fill());
  private renewal: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** @param work says what became of a file; must not throw */
  constructor(
    private readonly repository: MessageMediaRepository,
    private readonly bus: DomainEventBus,
    private readonly log: Logger,
    private readonly bounds: ClaimBounds,
    private readonly work: (claimed: ClaimedMedia, signal: AbortSignal) => Promise<MediaOutcome>,
  ) {}

  /** Takes what is due, as far as there is room. Never rejects. */
  take(): void {
    if (!this.isStopped) {
      void this.filling.run();
    }
  }

  /** Takes nothing more, and gives back what is under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.filling.settled();
    this.active.forEach((controller) => controller.abort(STOPPING));
    await Promise.all(this.works);
    clearInterval(this.renewal);
  }

  private async fill(): Promise<void> {
    const { step, perOrganization, leaseMs, atOnce } = this.bounds;
    const room = atOnce - this.active.size;
    if (this.isStopped || room <= 0 || this.bounds.isOpen?.() === false) {
      return;
    }
    try {
      const claimed = await this.repository.claim({
        worker: this.worker,
        step,
        limit: room,
        perOrganization,
        leaseMs,
      });
      claimed.forEach((one) => this.begin(one));
    } catch (err) {
      this.log.warn({ err }, 'files not claimed');
    }
  }

  private begin(claimed: ClaimedMedia): void {
    const controller = new AbortController();
    this.active.set(claimed.messageId, controller);
    this.renewal ??= setInterval(() => void this.renew(), this.bounds.leaseMs / 3).unref();
    const working = this.workOn(claimed, controller.signal).finally(() => {
      this.active.delete(claimed.messageId);
      this.works.delete(working);
      if (this.active.size === 0) {
        clearInterval(this.renewal);
        this.renewal = undefined;
      }
      this.take();
    });
    this.works.add(working);
  }

  /** Never rejects. */
  private async workOn(claimed: ClaimedMedia, signal: AbortSignal): Promise<void> {
    const { messageId, organizationId } = claimed;
    try {
      const outcome = await this.work(claimed, signal);
      const events = await this.repository.settle(this.worker, messageId, outcome);
      if (events.length > 0) {
        this.bus.emit('events.committed', events);
      }
      if (outcome.state === 'pending' && outcome.step !== this.bounds.step) {
        this.bus.emit('media.step_changed', outcome.step);
      }
    } catch (err) {
      // The claim ends by itself, and somebody tries again.
      this.log.warn({ err, messageId, organizationId }, 'outcome of a file not stored');
    }
  }

  private async renew(): Promise<void> {
    const ids = [...this.active.keys()];
    try {
      const kept = new Set(await this.repository.renew(this.worker, ids, this.bounds.leaseMs));
      ids
        .filter((id) => !kept.has(id))
        .forEach((id) => this.active.get(id)?.abort(new Error('the claim was lost')));
    } catch (err) {
      this.log.warn({ err }, 'claims of files not prolonged');
    }
  }
}
