import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { withTimeout } from '../common/with-timeout.js';
import { Logs } from '../logging/logs.js';
import { MediaStoreFault } from './media-store-fault.js';
import { MediaStoreSettings } from './media-settings.js';
import { MediaStores } from './media-stores.js';

/** Begins and ends with the process. */
@Injectable()
export class MediaStoreLife implements OnModuleInit, OnApplicationShutdown {
  private readonly log: Logger;

  constructor(
    private readonly stores: MediaStores,
    private readonly settings: MediaStoreSettings,
    logs: Logs,
  ) {
    this.log = logs.component('media');
  }

  /**
   * Messages are received and sent while the store is away, so that does not keep a process from starting; what nobody but the operator
   * can put right does.
   * @throws Error with one sentence
   */
  async onModuleInit(): Promise<void> {
    const { current } = this.stores;
    try {
      await withTimeout(current.check(), this.settings.checkMs, () => this.silenceOf(current.backend));
    } catch (error) {
      const { sentence, passes } =
        error instanceof MediaStoreFault ? error.fault : { sentence: '', passes: false };
      if (!passes) {
        throw error instanceof MediaStoreFault ? new Error(sentence, { cause: error }) : error;
      }
      this.log.error({ err: error, store: current.backend }, sentence);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.stores.all.map((store) => store.close()));
  }

  private silenceOf(store: string): MediaStoreFault {
    const sentence = `The store for media (${store}) does not answer: look at its address, and at the network.`;
    return new MediaStoreFault({ sentence, passes: true }, undefined);
  }
}
