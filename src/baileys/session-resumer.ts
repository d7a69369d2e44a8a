import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { Instance } from '../repositories/instance.js';
import { Backoff } from '../common/backoff.js';
import { isUnavailable } from './commit-fault.js';
import { SessionContext } from './session-context.js';
import { SessionRegistry } from './session-registry.js';
import { StorageProbe } from './storage-probe.js';

/** What an instance can't be while no process runs it. */
const ALIVE = ['connecting', 'qr_pending', 'connected'] as const;
const RETRY = { baseMs: 500, maxMs: 15_000 };

/** Brings stored sessions back after a start. */
@Injectable()
export class SessionResumer {
  private isStopped = false;

  constructor(
    private readonly instances: InstancesRepository,
    private readonly registry: SessionRegistry,
    private readonly context: SessionContext,
    private readonly probe: StorageProbe,
  ) {}

  /** Works in the background, and waits for the database as long as it takes. */
  start(): void {
    void this.resumeAll();
  }

  stop(): void {
    this.isStopped = true;
    this.probe.stop();
  }

  private async resumeAll(): Promise<void> {
    const { log, settings } = this.context;
    const startedAt = Date.now();
    const waiting = await this.insist(() => this.instances.listResumable());
    if (!waiting) {
      return;
    }
    await this.insist(() => this.correctStale(new Set(waiting.map(({ id }) => id))));
    const sessions = waiting.length;
    log.info({ sessions }, 'resuming sessions');
    const worker = async () => {
      for (let next = waiting.shift(); next && !this.isStopped; next = waiting.shift()) {
        await this.resume(next);
      }
    };
    await Promise.all(Array.from({ length: settings.simultaneousTakeOvers }, worker));
    log.info({ sessions, durationMs: Date.now() - startedAt }, 'sessions taken over');
  }

  /** After a crash, what was being linked still looks alive; nothing of it came back. */
  private async correctStale(resumed: ReadonlySet<string>): Promise<void> {
    for (const status of ALIVE) {
      for (let cursor: string | undefined; ;) {
        const page = await this.instances.listInstances('all', { status, limit: 100, cursor });
        for (const { id } of page.items) {
          if (!resumed.has(id) && !this.registry.get(id)) {
            const reason = 'service_restarted';
            await this.context.statuses.publish({ instanceId: id, status: 'disconnected', reason });
          }
        }
        if (page.nextCursor === null || this.isStopped) {
          break;
        }
        cursor = page.nextCursor;
      }
    }
  }

  private async resume(instance: Instance): Promise<void> {
    await this.insist(() =>
      this.registry.exclusively(instance.id, async () => {
        if (this.isStopped || this.registry.get(instance.id)) {
          return;
        }
        const session = await this.registry.open(instance);
        if (session.isLinked) {
          session.resume();
        } else {
          await this.registry.close(session, 'not_linked');
        }
      }),
    );
  }

  /** Repeats what the database was not there for; anything else concerns this one piece of work only. */
  private async insist<T>(work: () => Promise<T>): Promise<T | undefined> {
    const backoff = new Backoff(RETRY);
    while (!this.isStopped) {
      try {
        return await work();
      } catch (err) {
        this.context.log.error({ err }, 'sessions not resumed yet');
        if (!isUnavailable(err)) {
          return undefined;
        }
        await this.probe.untilUp();
        await delay(backoff.nextDelayMs(), undefined, { ref: false });
      }
    }
    return undefined;
  }
}
