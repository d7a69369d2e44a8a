import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { RepeatedTask } from '../common/repeated-task.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { AuditRepository } from '../repositories/audit.repository.js';
import { RetentionRepository } from './retention.repository.js';
import { ContactErasure } from './contact-erasure.js';
import { MaintenanceSettings } from './maintenance-settings.js';

/**
 * Deletes, from time to time and in small steps, what organizations do not keep any longer, and finishes erasures that were
 * interrupted. Runs where the worker runs; of several processes one at a time does a step.
 */
@Injectable()
export class RetentionSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly stopping = new AbortController();
  private readonly sweeps: RepeatedTask;
  /** When what is kept too long is to be deleted again, as `performance.now()`. */
  private nextAt = -Infinity;

  constructor(
    private readonly retention: RetentionRepository,
    private readonly audit: AuditRepository,
    private readonly erasure: ContactErasure,
    private readonly settings: MaintenanceSettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('privacy');
    this.sweeps = new RepeatedTask(() => this.run(), {
      firstAfterMs: settings.firstAfterMs,
      everyMs: Math.min(settings.intervalMs, settings.erasureIntervalMs),
      onFailure: (err) => this.failed(err),
    });
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.sweeps.start();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.sweeps.stop();
  }

  private async run(): Promise<void> {
    await this.erasure.finish(this.settings.erasureIdleMs, this.stopping.signal);
    const at = performance.now();
    if (at >= this.nextAt) {
      this.nextAt = at + this.settings.intervalMs;
      await this.sweepAll();
    }
  }

  private failed(err: unknown): void {
    if (!this.stopping.signal.aborted) {
      this.log.warn({ err }, 'what is kept too long can not be swept');
    }
  }

  private async sweepAll(): Promise<void> {
    /** Of organizations that take more than one step. */
    const totals = new Map<string, Record<string, number>>();
    for (let after: string | undefined; !this.stopping.signal.aborted;) {
      const step = await this.retention.sweep(after, this.settings.stepRows, this.config.auditMinDays);
      if (!step) {
        return; // another process does it
      }
      for (const { organizationId, counts } of step.swept) {
        totals.set(organizationId, sumOf(totals.get(organizationId), counts));
      }
      // One that is not done yet is told of with a later step.
      const current = step.hasMore ? step.swept.at(-1)?.organizationId : undefined;
      for (const [organizationId, counts] of totals) {
        if (organizationId !== current) {
          this.log.info({ organizationId, counts }, 'data older than its retention deleted');
          totals.delete(organizationId);
        }
      }
      if (step.isOver) {
        await this.sweepAudit();
        return;
      }
      after = step.after;
      await this.pause();
    }
  }

  /** Entries of the whole service. */
  private async sweepAudit(): Promise<void> {
    for (let deleted = this.settings.stepRows; deleted === this.settings.stepRows;) {
      deleted = await this.audit.applyRetention(null, this.settings.stepRows, this.config.auditMinDays);
      if (deleted === this.settings.stepRows) {
        await this.pause();
      }
    }
  }

  private pause(): Promise<void> {
    return delay(this.settings.pauseMs, undefined, { signal: this.stopping.signal });
  }
}

function sumOf(
  before: Record<string, number> | undefined,
  counts: Record<string, number>,
): Record<string, number> {
  const sum = { ...before };
  for (const [kind, rows] of Object.entries(counts)) {
    sum[kind] = (sum[kind] ?? 0) + rows;
  }
  return sum;
}
