import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SingleFlight } from '../common/single-flight.js';
import { withTimeout } from '../common/with-timeout.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { QueueInspector, type QueueReport } from '../queue/queue-inspector.js';
import { MediaStoreWatch } from '../media-store/media-store-watch.js';
import { WorkerStatus } from '../queue/worker-status.js';
import { DatabaseHealthRepository } from '../repositories/database-health.repository.js';
import { refusesUs } from '../repositories/refuses-us.js';
import { KeyRollout } from '../secrets/key-rollout.js';
import { Ticker } from '../ticker/ticker.js';
import type {
  DatabaseCheckResponse,
  LogsCheckResponse,
  ReadinessChecksResponse,
  WorkerCheckResponse,
} from './readiness.response.js';

const DATABASE_TIMEOUT_MS = 2_000;
const STORE_TIMEOUT_MS = 2_000;

/** The checks of any process, whatever runs in it. */
@Injectable()
export class ProcessChecks implements OnModuleDestroy {
  private stopping = false;
  private readonly check = new SingleFlight<DatabaseCheckResponse>();
  private readonly look = new SingleFlight<QueueReport>();

  constructor(
    private readonly database: DatabaseHealthRepository,
    private readonly workerStatus: WorkerStatus,
    private readonly queue: QueueInspector,
    private readonly keys: KeyRollout,
    private readonly ticker: Ticker,
    private readonly mediaStore: MediaStoreWatch,
    private readonly config: AppConfig,
    private readonly logs: Logs,
  ) {}

  onModuleDestroy(): void {
    this.stopping = true;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** Answers within about 2 s. Never rejects. */
  async run(): Promise<Omit<ReadinessChecksResponse, 'sessions'>> {
    const [database, report, media] = await Promise.all([
      this.checkDatabase(),
      this.inspectQueue(),
      this.mediaStore.state(STORE_TIMEOUT_MS),
    ]);
    return {
      database,
      redis: { status: report.redis },
      worker: this.checkWorker(report),
      encryption_key: { status: this.keys.lacksKey ? 'missing' : 'up' },
      logs: this.checkLogs(),
      media_store: {
        status: media.awaySince ? 'down' : 'up',
        kind: media.kind,
        ...(media.awaySince && { since: media.awaySince.toISOString() }),
      },
    };
  }

  private checkLogs(): LogsCheckResponse {
    const { dropped, current } = this.logs.health?.() ?? { dropped: 0 };
    return current
      ? { status: 'dropping', reason: current.reason, since: current.since.toISOString(), dropped }
      : { status: 'up', dropped };
  }

  /** Concurrent probes share one query, so that they can't add to a database's trouble. */
  private checkDatabase(): Promise<DatabaseCheckResponse> {
    const known = this.fromLastTick();
    if (known) {
      return Promise.resolve(known);
    }
    return this.check.run(() => this.pingDatabase());
  }

  /** Over the internet a probe costs as much as any call: while ticks are answered, they tell the same. */
  private fromLastTick(): DatabaseCheckResponse | undefined {
    const last = this.ticker.lastAnswer;
    const isHosted = this.config.supabaseUrl !== undefined;
    const isFresh = isHosted && last && performance.now() - last.at < this.ticker.longestMs;
    return isFresh ? { status: 'up', duration_ms: last.durationMs } : undefined;
  }

  private async pingDatabase(): Promise<DatabaseCheckResponse> {
    const startedAt = performance.now();
    const ping = this.database.ping(DATABASE_TIMEOUT_MS).then(
      () => 'up' as const,
      (err: unknown) => reasonOf(err),
    );
    const outcome = (await withTimeout(ping, DATABASE_TIMEOUT_MS)) || 'database_unavailable';
    const duration_ms = Math.round(performance.now() - startedAt);
    return outcome === 'up'
      ? { status: 'up', duration_ms }
      : { status: 'down', reason: outcome, duration_ms };
  }

  private inspectQueue(): Promise<QueueReport> {
    return this.look.run(() => this.queue.look());
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

function reasonOf(err: unknown): NonNullable<DatabaseCheckResponse['reason']> {
  return refusesUs(err) ? 'database_refuses_us' : 'database_unavailable';
}
