import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SessionsService } from '../baileys/sessions.service.js';
import { WorkerStatus } from '../queue/worker-status.js';
import { DatabaseHealthRepository } from '../repositories/database-health.repository.js';
import type {
  DatabaseCheckResponse,
  ReadinessResponse,
  SessionsCheckResponse,
  WorkerCheckResponse,
} from './readiness.response.js';

const DATABASE_TIMEOUT_MS = 2_000;

/** Whether this process can do its work. */
@Injectable()
export class HealthService implements OnModuleDestroy {
  private isStopping = false;
  private check: Promise<DatabaseCheckResponse> | undefined;

  constructor(
    private readonly database: DatabaseHealthRepository,
    private readonly workerStatus: WorkerStatus,
    private readonly sessions: SessionsService,
  ) {}

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /**
   * Answers within about 2 s. `ready`: everything works. `degraded`: REST works and nothing is lost, but received messages
   * wait, for a worker or to be committed. `unavailable`: the database is away or has taken no writes for so long that
   * sessions were closed, or the process is stopping.
   */
  async getReadiness(): Promise<ReadinessResponse> {
    const database = await this.checkDatabase();
    const worker = this.checkWorker();
    const sessions = this.checkSessions();
    return {
      status: this.verdict({ database, worker, sessions }),
      timestamp: new Date().toISOString(),
      checks: { database, worker, sessions },
    };
  }

  private verdict(checks: ReadinessResponse['checks']): ReadinessResponse['status'] {
    if (this.isStopping || checks.database.status === 'down' || checks.sessions.status === 'down') {
      return 'unavailable';
    }
    return checks.worker.status === 'up' && checks.sessions.status === 'up' ? 'ready' : 'degraded';
  }

  /** Concurrent probes share one query, so that they can't add to a database's trouble. */
  private checkDatabase(): Promise<DatabaseCheckResponse> {
    this.check ??= this.pingDatabase().finally(() => (this.check = undefined));
    return this.check;
  }

  private async pingDatabase(): Promise<DatabaseCheckResponse> {
    const startedAt = performance.now();
    const answered = await settlesWithin(this.database.ping(DATABASE_TIMEOUT_MS), DATABASE_TIMEOUT_MS);
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

  private checkWorker(): WorkerCheckResponse {
    const { running, isFailing, disabledReason } = this.workerStatus.read();
    if (disabledReason !== undefined) {
      return { status: 'disabled', reason: disabledReason };
    }
    return { status: running ? (isFailing ? 'failing' : 'up') : 'down' };
  }
}

/** @returns true when the work succeeded in time; false when it failed or is still going on */
async function settlesWithin(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const timeout = setTimeout(() => timer.resolve(false), timeoutMs);
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => false,
      ),
      timer.promise,
    ]);
  } finally {
    clearTimeout(timeout);
  }
}
