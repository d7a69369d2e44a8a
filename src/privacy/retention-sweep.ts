import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { AuditRepository } from '../repositories/audit.repository.js';
import { RetentionRepository } from '../repositories/retention.repository.js';
import { ContactErasure } from './contact-erasure.js';
import { UpkeepSettings } from './upkeep-settings.js';

const PAGE_ORGANIZATIONS = 500;

/**
 * Deletes, from time to time and in small steps, what organizations do not keep any longer, and finishes erasures that were
 * interrupted. Runs where the worker runs; of several processes one at a time does a step.
 */
@Injectable()
export class RetentionSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private sweep: Promise<void> | undefined;

  constructor(
    private readonly retention: RetentionRepository,
    private readonly audit: AuditRepository,
    private readonly erasure: ContactErasure,
    private readonly settings: UpkeepSettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('privacy');
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (hasWorker(this.config)) {
      this.schedule(this.settings.firstAfterMs);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.sweep;
  }

  private schedule(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.sweep = this.run().finally(() => {
        if (!this.stopping.signal.aborted) {
          this.schedule(this.settings.intervalMs);
        }
      });
    }, afterMs);
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    try {
      await this.erasure.finish(this.settings.erasureIdleMs, this.stopping.signal);
      await this.sweepAll();
    } catch (err) {
      if (!this.stopping.signal.aborted) {
        this.log.warn({ err }, 'what is kept too long can not be swept');
      }
    }
  }

  private async sweepAll(): Promise<void> {
    for (let after: string | undefined; !this.stopping.signal.aborted;) {
      const ids = await this.retention.listOrganizationIds(after, PAGE_ORGANIZATIONS);
      for (const id of ids) {
        if (!(await this.sweepOrganization(id))) {
          return; // another process does it
        }
      }
      after = ids.at(-1);
      if (ids.length < PAGE_ORGANIZATIONS) {
        await this.sweepAudit(null, {});
        return;
      }
    }
  }

  /** @returns false when another process is sweeping */
  private async sweepOrganization(organizationId: string): Promise<boolean> {
    const counts: Record<string, number> = {};
    for (let hasMore = true; hasMore && !this.stopping.signal.aborted;) {
      const step = await this.retention.applyStep(organizationId, this.settings.stepRows);
      if (step.isBusy) {
        return false;
      }
      for (const [kind, rows] of Object.entries(step.counts)) {
        counts[kind] = (counts[kind] ?? 0) + rows;
      }
      hasMore = step.hasMore;
      if (hasMore) {
        await this.pause();
      }
    }
    await this.sweepAudit(organizationId, counts);
    if (Object.values(counts).some((rows) => rows > 0)) {
      this.log.info({ organizationId, counts }, 'data older than its retention deleted');
    }
    return true;
  }

  private async sweepAudit(organizationId: string | null, counts: Record<string, number>): Promise<void> {
    for (let deleted = this.settings.stepRows; deleted === this.settings.stepRows;) {
      deleted = await this.audit.applyRetention(organizationId, this.settings.stepRows);
      counts['audit'] = (counts['audit'] ?? 0) + deleted;
      if (deleted === this.settings.stepRows) {
        await this.pause();
      }
    }
  }

  private pause(): Promise<void> {
    return delay(this.settings.pauseMs, undefined, { signal: this.stopping.signal });
  }
}
