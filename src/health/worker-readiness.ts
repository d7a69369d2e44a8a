import { Injectable } from '@nestjs/common';
import { ProcessChecks } from './process-checks.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** Whether a process that is a worker and nothing else can do its work. */
@Injectable()
export class WorkerReadiness extends Readiness {
  constructor(private readonly process: ProcessChecks) {
    super();
  }

  /**
   * `degraded`: it works late, because its last pass failed and is being repeated, or Redis is away, or it lacks a key, or can't write its logs, or the store for files is away.
   * `unavailable`: the database is away, or the worker does not run, or is stopping; messages wait safely.
   */
  override async getReadiness(): Promise<ReadinessReport> {
    const checks = await this.process.run();
    return { status: this.verdict(checks), timestamp: new Date().toISOString(), checks };
  }

  private verdict({
    database,
    redis,
    worker,
    encryption_key,
    logs,
    media_store,
  }: Awaited<ReturnType<ProcessChecks['run']>>): ReadinessReport['status'] {
    const isWorking = worker.status === 'up' || worker.status === 'failing';
    if (this.process.isStopping || database.status === 'down' || !isWorking) {
      return 'unavailable';
    }
    const isWhole = [redis, worker, encryption_key, logs, media_store].every(({ status }) => status === 'up');
    return isWhole ? 'ready' : 'degraded';
  }
}
