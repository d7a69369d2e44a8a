import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SingleFlight } from '../common/single-flight.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { OrganizationsService } from './organizations.service.js';

const INTERVAL_MS = 60_000;

/** Finishes what a process that ended had begun to close, at the start and from time to time. */
@Injectable()
export class ClosingResumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private seat: TickSeat | undefined;
  private readonly finishing = new SingleFlight<void>();

  constructor(
    private readonly ticker: Ticker,
    private readonly organizations: OrganizationsService,
  ) {}

  /** In the background: an account that can't be reached takes a while. */
  onApplicationBootstrap(): void {
    this.seat = this.ticker.join({
      part: 'closings',
      everyMs: INTERVAL_MS,
      ask: () => (this.finishing.current ? undefined : true),
      answered: (ids) => this.finish(ids),
    });
  }

  /** Waits for nothing: another process goes on with it. */
  beforeApplicationShutdown(): void {
    void this.seat?.leave();
  }

  private finish(ids: string[]): void {
    if (ids.length > 0) {
      void this.finishing.run(() => this.organizations.finishClosings(ids));
    }
  }
}
