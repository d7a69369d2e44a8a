import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../common/periodic-task.js';
import { OrganizationsService } from './organizations.service.js';

const INTERVAL_MS = 60_000;

/** Finishes what a process that ended had begun to close, at the start and from time to time. */
@Injectable()
export class ClosingResumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task: PeriodicTask;

  constructor(organizations: OrganizationsService) {
    this.task = new PeriodicTask(() => organizations.finishClosings());
  }

  /** In the background: an account that can't be reached takes a while. */
  onApplicationBootstrap(): void {
    this.task.run();
    this.task.start(INTERVAL_MS);
  }

  /** Waits for nothing: another process goes on with it. */
  beforeApplicationShutdown(): void {
    void this.task.stop();
  }
}
