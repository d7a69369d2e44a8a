import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Logs } from '../logging/logs.js';
import { MediaStoreFault } from './media-store-fault.js';
import { MediaStoreWatch } from './media-store-watch.js';
import { MediaStores } from './media-stores.js';

/** Begins and ends with the process. */
@Injectable()
export class MediaStoreLife implements OnModuleInit, OnApplicationShutdown {
  private readonly log: Logger;

  constructor(
    private readonly stores: MediaStores,
    private readonly watch: MediaStoreWatch,
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
    try {
      await this.watch.check();
    } catch (error) {
      const { sentence, passes } =
        error instanceof MediaStoreFault ? error.fault : { sentence: '', passes: false };
      if (!passes) {
        throw error instanceof MediaStoreFault ? new Error(sentence, { cause: error }) : error;
      }
      this.log.error({ err: error, store: this.stores.current.backend }, sentence);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.stores.all.map((store) => store.close()));
  }
}
