import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SessionsService } from '../baileys/sessions.service.js';
import { withinTime } from '../common/within-time.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { QueueInspector, type QueueReport } from '../queue/queue-inspector.js';
import { WorkerStatus } from '../queue/worker-status.js';
import { DatabaseHealthRepository } from '../repositories/database-health.repository.js';
import type {
  DatabaseCheckResponse,
  ReadinessResponse,
  RedisCheckResponse,
  SessionsCheckResponse,
  WorkerCheckResponse,
} from './readiness.response.js';

const DATABASE_TIMEOUT_MS = 2_000;

/** Whether this process can do its work. */
@Injectable()
export class HealthService implements OnModuleDestroy {
  private isStopping = false;
  private check: Promise<DatabaseCheckResponse> | undefined;
  private look: Promise<QueueReport> | undefined;

  constructor(
    private readonly database: DatabaseHealthRepository,
    private readonly workerStatus: WorkerStatus,
    private readonly sessions: SessionsService,
    private readonly queue: QueueInspector,
    private readonly config: AppConfig,
  ) {}

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /**
   * Answers within about 2 s. `ready`: everything works. `degraded`: REST works and nothing is lost, but received messages
   * wait, for a worker or to be committed, or Redis is away and what other processes do is noticed late. `unavailable`: the database is away or has taken no writes for so long that
   * sessions were closed, or the process is stopping.
   */
  async getReadiness(): Promise<ReadinessResponse> {
    const [database, report] = await Promise.all([this.checkDatabase(), this.inspectQueue()]);
    const redis = toRedisCheck(report);
    const checks = { database, redis, worker: this.checkWorker(report), sessions: this.checkSessions() };
    return { status: this.verdict(checks), timestamp: new Date().toISOString(), checks };
  }

  private verdict(checks: ReadinessResponse['checks']): ReadinessResponse['status'] {
    if (this.isStopping || checks.database.status === 'down' || checks.sessions.status === 'down') {
      return 'unavailable';
    }
    const isWhole =
      checks.redis.status !== 'down' && checks.worker.status === 'up' && checks.sessions.status === 'up';
    return isWhole ? 'ready' : 'degraded';
  }

  /** Concurrent probes share one query, so that they can't add to a database's trouble. */
  private checkDatabase(): Promise<DatabaseCheckResponse> {
    this.check ??= this.pingDatabase().finally(() => (this.check = undefined));
    return this.check;
  }

  private async pingDatabase(): Promise<DatabaseCheckResponse> {
    const startedAt = performance.now();
    const ping = this.database.ping(DATABASE_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
    const answered = await withinTime(ping, DATABASE_TIMEOUT_MS);
    return { status: answered ? 'up' : 'down', duration_ms: Math.round(performance.now() - startedAt) };
  }

  private checkSessions(): SessionsCheckResponse {
    const { running, connected, commitLog } = this.sessions.summary();
    const { fault, pendingRows } = commitLog;
    return {
      status: fault ? (fault.isGivenUp ? 'down' : 'degraded') : 'up',
      ...(fault && { reason: fault.reason, since: fault.since.toISOString() }),
      running,
      connected,
      uncommitted_rows: pendingRows,
    };
  }

  private inspectQueue(): Promise<QueueReport> {
    this.look ??= this.queue.look().finally(() => (this.look = undefined));
    return this.look;
  }

  private checkWorker({ workers }: QueueReport): WorkerCheckResponse {
    const { running, isFailing, disabledReason } = this.workerStatus.read();
    if (disabledReason !== undefined) {
      return { status: 'disabled', reason: disabledReason };
    }
    const alive = workers === undefined ? {} : { alive: workers };
    if (running || hasWorker(this.config)) {
      return { status: running ? (isFailing ? 'failing' : 'up') : 'down', ...alive };
    }
    // Other processes do it, and only Redis knows of them.
    return { status: workers === undefined ? 'unknown' : workers > 0 ? 'up' : 'down', ...alive };
  }
}

function toRedisCheck({ redis }: QueueReport): RedisCheckResponse {
  return { status: redis };
}
