import { Injectable } from '@nestjs/common';
import { SingleFlight } from '../common/single-flight.js';
import { withTimeout } from '../common/with-timeout.js';
import type { MediaStoreKind } from '../config/media-config.js';
import { MediaStoreFault } from './media-store-fault.js';
import { MediaStoreSettings } from './media-settings.js';
import { MediaStores } from './media-stores.js';

/** The store for new files, as it was last seen. */
export interface MediaStoreState {
  kind: MediaStoreKind;
  awaySince: Date | undefined;
}

/** Whether the store for new files does what it is asked for. */
@Injectable()
export class MediaStoreWatch {
  private readonly checking = new SingleFlight<void>();
  private awaySince: Date | undefined;
  private lookedAt = -Infinity;

  constructor(
    private readonly stores: MediaStores,
    private readonly settings: MediaStoreSettings,
  ) {}

  /**
   * Does once what it will be asked for.
   * @throws MediaStoreFault that says what to do
   */
  async check(): Promise<void> {
    const { current } = this.stores;
    try {
      await withTimeout(current.check(), this.settings.checkMs, () => this.silenceOf(current.backend));
      this.awaySince = undefined;
    } catch (error) {
      this.awaySince ??= new Date();
      throw error;
    } finally {
      this.lookedAt = performance.now();
    }
  }

  /** Checks anew where that is long ago. Never rejects, and never takes longer than `patienceMs`. */
  async state(patienceMs: number): Promise<MediaStoreState> {
    const { lookMs, lookAwayMs } = this.settings;
    if (performance.now() - this.lookedAt >= (this.awaySince ? lookAwayMs : lookMs)) {
      await withTimeout(
        this.checking.run(() => this.check()),
        patienceMs,
      ).catch(() => undefined);
    }
    return { kind: this.stores.current.backend, awaySince: this.awaySince };
  }

  private silenceOf(store: string): MediaStoreFault {
    const sentence = `The store for media (${store}) does not answer: look at its address, and at the network.`;
    return new MediaStoreFault({ sentence, passes: true }, undefined);
  }
}
