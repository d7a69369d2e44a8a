import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { OutsideFetch } from './outside-fetch.js';

/** Calls to URLs that users give. */
@Global()
@Module({
  providers: [
    {
      provide: OutsideFetch,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new OutsideFetch(config),
    },
  ],
  exports: [OutsideFetch],
})
export class OutsideModule {}
