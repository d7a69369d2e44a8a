import { Injectable } from '@nestjs/common';
import type { OrganizationScope } from '../common/organization-scope.js';
import { AppConfig } from '../config/app-config.js';
import { QueueInspector, type QueueReport } from '../queue/queue-inspector.js';
import { type WorkerReport, WorkerStatus } from '../queue/worker-status.js';
import { type Backlog, InboxRepository } from '../repositories/inbox.repository.js';
import type {
  InboxBacklogResponse,
  QueueStatsResponse,
  WorkerStateResponse,
} from './queue-stats.response.js';

type BacklogFields = Pick<InboxBacklogResponse, keyof InboxBacklogResponse>;

/** How far the worker is behind. */
@Injectable()
export class QueueStatsService {
  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxRepository,
    private readonly workerStatus: WorkerStatus,
    private readonly queue: QueueInspector,
  ) {}

  /** @param scope whose backlog to count; an organization sees nothing of the others, not even in the sum */
  async getStats(scope: OrganizationScope): Promise<QueueStatsResponse> {
    const [stats, report] = await Promise.all([this.inbox.stats(scope), this.queue.look()]);
    const now = Date.now();
    return {
      success: true,
      driver: this.config.queueDriver,
      redis: report.redis,
      queue: scope === 'all' ? (report.jobs ?? null) : null,
      workers_alive: this.countWorkers(report),
      worker: toWorkerState(this.workerStatus.read()),
      inbox: toBacklog(stats, now),
      by_organization: stats.byOrganization.map((organization) => ({
        organization_id: organization.organizationId,
        ...toBacklog(organization, now),
      })),
    };
  }

  /** Without a queue in Redis there can be none but that of this process. */
  private countWorkers({ workers }: QueueReport): number | null {
    if (this.config.queueDriver === 'bullmq') {
      return workers ?? null;
    }
    return this.workerStatus.read().running ? 1 : 0;
  }
}

function toBacklog(backlog: Backlog, now: number): BacklogFields {
  const { pending, dead, oldestPendingAt, isCapped } = backlog;
  return {
    pending,
    dead,
    is_capped: isCapped,
    oldest_pending_at: oldestPendingAt,
    oldest_pending_age_ms: oldestPendingAt === null ? null : Math.max(0, now - Date.parse(oldestPendingAt)),
  };
}

function toWorkerState(report: WorkerReport): WorkerStateResponse {
  return {
    running: report.running,
    ...(report.isFailing ? { failing: true } : {}),
    ...(report.disabledReason === undefined ? {} : { disabled_reason: report.disabledReason }),
  };
}
