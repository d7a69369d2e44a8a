import { randomUUID } from 'node:crypto';
import { CoalescedRun } from './coalesced-run.js';

/** The worker ends: what it is at is another one's. */
export const STOPPING = Symbol('stopping');

/** What there is to do, and how it is had. */
export interface WorkSource<Claimed> {
  /** At the same time. */
  atOnce: number;
  idOf(claimed: Claimed): string;
  /**
   * Takes what is due for this worker, as much as there is room for.
   * @param active what it is at
   */
  claim(worker: string, room: number, active: readonly Claimed[]): Promise<Claimed[]>;
  /** Does it and says what became of it, to whomever that is to be said. A rejection is reported, and the claim ends by itself. */
  work(claimed: Claimed, signal: AbortSignal, worker: string): Promise<void>;
  /** For work that may take longer than a lease. */
  lease?: {
    ms: number;
    /** @returns the ids of those that are still the worker's */
    renew(worker: string, ids: readonly string[]): Promise<readonly string[]>;
  };
  /** Something was not claimed, done, or prolonged. */
  failed(error: unknown, what: 'claim' | 'work' | 'renewal', claimed?: Claimed): void;
}

/**
 * Takes work whose turn it is, as much as it has room for, and has each piece done while it is its own. A claim that is lost ends the
 * work; one whose process dies is another worker's when its lease ends.
 */
export class LeasedWork<Claimed> {
  private readonly worker = randomUUID();
  private readonly active = new Map<string, { claimed: Claimed; controller: AbortController }>();
  private readonly works = new Set<Promise<void>>();
  private readonly filling = new CoalescedRun(() => this.fill());
  private renewal: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly source: WorkSource<Claimed>) {}

  /** Takes what is due, as far as there is room. Never rejects. */
  take(): void {
    if (!this.isStopped) {
      void this.filling.run();
    }
  }

  /**
   * Takes nothing more, and gives back what is under way.
   * @param graceMs so long that may come to its end by itself
   */
  async stop(graceMs = 0): Promise<void> {
    this.isStopped = true;
    await this.filling.settled();
    const timer = setTimeout(() => this.abort(), graceMs);
    await Promise.all(this.works);
    clearTimeout(timer);
    clearInterval(this.renewal);
  }

  private abort(): void {
    this.active.forEach(({ controller }) => controller.abort(STOPPING));
  }

  private async fill(): Promise<void> {
    const room = this.source.atOnce - this.active.size;
    if (this.isStopped || room <= 0) {
      return;
    }
    try {
      const active = [...this.active.values()].map(({ claimed }) => claimed);
      (await this.source.claim(this.worker, room, active)).forEach((one) => this.begin(one));
    } catch (error) {
      this.source.failed(error, 'claim');
    }
  }

  private begin(claimed: Claimed): void {
    const id = this.source.idOf(claimed);
    const controller = new AbortController();
    this.active.set(id, { claimed, controller });
    if (this.source.lease) {
      this.renewal ??= setInterval(() => void this.renew(), this.source.lease.ms / 3).unref();
    }
    const working = this.source
      .work(claimed, controller.signal, this.worker)
      .catch((error: unknown) => this.source.failed(error, 'work', claimed))
      .finally(() => {
        this.active.delete(id);
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
  private async renew(): Promise<void> {
    const ids = [...this.active.keys()];
    try {
      const kept = new Set(await this.source.lease!.renew(this.worker, ids));
      ids
        .filter((id) => !kept.has(id))
        .forEach((id) => this.active.get(id)?.controller.abort(new Error('the claim was lost')));
    } catch (error) {
      this.source.failed(error, 'renewal');
    }
  }
}
