import { Injectable } from '@nestjs/common';

/** Where the message worker of this process stands. */
export interface WorkerReport {
  running: boolean;
  /** Running, but its last pass failed and is being retried. */
  isFailing: boolean;
  /** Why it does not run although the process could. */
  disabledReason?: string | undefined;
}

/** What readiness knows of the message worker; the worker writes it. */
@Injectable()
export class WorkerStatus {
  private report: WorkerReport = { running: false, isFailing: false };

  /** @returns a copy of the present state */
  read(): WorkerReport {
    return { ...this.report };
  }

  /** @param report the new state, whole */
  set(report: WorkerReport): void {
    this.report = { ...report };
  }
}
