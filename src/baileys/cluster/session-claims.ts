import { Injectable } from '@nestjs/common';
import { isNotFound } from '../../common/app-error.js';
import type { DisconnectReason } from '../../common/disconnect-reasons.js';
import { Semaphore } from '../../common/semaphore.js';
import { SingleFlight } from '../../common/single-flight.js';
import { NodeSignals } from '../../queue/node-signals.js';
import type { Instance } from '../../repositories/instance.js';
import { isUnavailable } from '../storage/commit-fault.js';
import type { Session } from '../session/session.js';
import { SessionContext } from '../session/session-context.js';
import { SessionRegistry } from '../session/session-registry.js';

type Free = Pick<Instance, 'id' | 'organizationId'>;

/** One that could not be taken over is left alone for so long, in ms. */
const FAILED_MS = 30_000;

/** Takes sessions over that no process runs, and hands some over to other nodes. */
@Injectable()
export class SessionClaims {
  private readonly claiming = new SingleFlight<number>();
  private readonly handingOver = new SingleFlight<void>();
  private isStopped = false;
  /** Those of the last while; instances that are gone since are forgotten with it. */
  private readonly failedAt = new Map<string, number>();

  constructor(
    private readonly registry: SessionRegistry,
    private readonly context: SessionContext,
    private readonly signals: NodeSignals,
  ) {}

  get isClaiming(): boolean {
    return this.claiming.current !== undefined;
  }

  /** @returns how many were taken over, once all of them were tried; never rejects */
  claim(free: Free[]): Promise<number> {
    return this.claiming.run(() => this.claimAll(free));
  }

  /** Logs devices of deleted instances out that this process runs, in the background. */
  logOut(leaving: readonly { id: string; msLeft: number }[]): void {
    for (const { id, msLeft } of leaving) {
      const session = this.registry.get(id);
      if (session && !session.isLeaving) {
        void this.registry
          .exclusively(id, async () => {
            if (this.registry.get(id) === session) {
              await this.registry.remove(session, msLeft, false);
            }
          })
          .catch((err: unknown) =>
            this.context.log.warn({ err, instanceId: id }, 'instance not logged out yet'),
          );
      }
    }
  }

  /** Gives some sessions up that are on line, one after the other, in the background. */
  surrender(count: number): void {
    const chosen = this.registry.all().filter(({ phase }) => phase === 'connected');
    shuffle(chosen);
    void this.handingOver.run(() => this.handOver(chosen.slice(0, count), 'handed_over', 1));
  }

  /**
   * Ends sessions here so that another node can go on with each at once.
   * @param lanes how many at the same time
   * @param isOver asked before each
   */
  async handOver(
    sessions: Session[],
    reason: DisconnectReason,
    lanes: number,
    isOver: () => boolean = () => this.isStopped,
  ): Promise<void> {
    await inLanes(lanes, sessions, async (session) => {
      const { id } = session.instance;
      if (isOver()) {
        return;
      }
      await this.registry.exclusively(id, async () => {
        if (this.registry.get(id) === session) {
          await this.registry.handOver(session, reason);
          this.context.log.info({ instanceId: id, reason }, 'session handed over');
        }
      });
      this.signals.tell(id);
    });
  }

  /** Takes nothing over any more, and hands over nothing by itself. */
  stop(): void {
    this.isStopped = true;
  }

  private async claimAll(free: Free[]): Promise<number> {
    const { log, settings } = this.context;
    const startedAt = Date.now();
    this.forgetFailures(startedAt - FAILED_MS);
    const due = free.filter(({ id }) => !this.failedAt.has(id));
    if (due.length === 0) {
      return 0;
    }
    const sessions = due.length;
    let taken = 0;
    log.info({ sessions }, 'resuming sessions');
    await inLanes(settings.simultaneousTakeOvers, due, async (instance) => {
      taken += (await this.claimOne(instance)) ? 1 : 0;
    });
    log.info({ sessions: taken, durationMs: Date.now() - startedAt }, 'sessions taken over');
    return taken;
  }

  /** @param before as `Date.now()` */
  private forgetFailures(before: number): void {
    for (const [id, at] of this.failedAt) {
      if (at < before) {
        this.failedAt.delete(id);
      }
    }
  }

  private async claimOne(instance: Free): Promise<boolean> {
    if (this.isStopped) {
      return false;
    }
    try {
      const held = await this.registry.bringBack(instance, false);
      this.failedAt.delete(instance.id);
      return held === undefined;
    } catch (err) {
      if (isNotFound(err)) {
        // It was deleted meanwhile, and nothing is left of it.
        return false;
      }
      this.context.log.error({ err, instanceId: instance.id }, 'session not resumed yet');
      if (!isUnavailable(err)) {
        this.failedAt.set(instance.id, Date.now());
      }
      return false;
    }
  }
}

async function inLanes<T>(lanes: number, items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const semaphore = new Semaphore(lanes);
  await Promise.all(items.map((item) => semaphore.run(() => work(item))));
}

function shuffle(items: unknown[]): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
}
