import { Injectable } from '@nestjs/common';
import { SessionsService } from '../baileys/sessions.service.js';
import { ProcessChecks } from './process-checks.js';
import { Readiness } from './readiness.js';
import type { ReadinessResponse, SessionsCheckResponse } from './readiness.response.js';

/** Whether a process that runs sessions and answers calls can do so. */
@Injectable()
export class HealthService extends Readiness {
  constructor(
    private readonly process: ProcessChecks,
    private readonly sessions: SessionsService,
  ) {
    super();
  }

  /**
   * Answers within about 2 s. `ready`: everything works. `degraded`: REST works and nothing is lost, but received messages
   * wait, for a worker or to be committed; or Redis is away, and what other processes do is noticed late; or they seal with a
   * key that this process lacks; or it can't write its logs; or the store for files is away, and files wait. `unavailable`: the database is away or has taken no writes for so long that sessions were
   * closed, or the process is stopping.
   */
  override async getReadiness(): Promise<ReadinessResponse> {
    const checks = { ...(await this.process.run()), sessions: this.checkSessions() };
    return { status: this.verdict(checks), timestamp: new Date().toISOString(), checks };
  }

  private verdict({
    database,
    redis,
    worker,
    encryption_key,
    logs,
    media_store,
    sessions,
  }: ReadinessResponse['checks']): ReadinessResponse['status'] {
    if (this.process.isStopping || database.status === 'down' || sessions.status === 'down') {
      return 'unavailable';
    }
    const isWhole =
      redis.status !== 'down' &&
      worker.status === 'up' &&
      encryption_key.status === 'up' &&
      logs.status === 'up' &&
      media_store.status === 'up' &&
      sessions.status === 'up';
    return isWhole ? 'ready' : 'degraded';
  }

  private checkSessions(): SessionsCheckResponse {
    const { running, connected, restricted, groupCommit } = this.sessions.summary();
    const { fault, pendingRows } = groupCommit;
    return {
      status: fault ? (fault.isGivenUp ? 'down' : 'degraded') : 'up',
      ...(fault && { reason: fault.reason, since: fault.since.toISOString() }),
      running,
      connected,
      restricted,
      uncommitted_rows: pendingRows,
    };
  }
}
