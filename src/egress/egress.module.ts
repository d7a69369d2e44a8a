import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { EgressFetch } from './egress-fetch.js';

/** Calls to URLs that users give. */
@Module({
  providers: [
    {
      provide: EgressFetch,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new EgressFetch(config),
    },
  ],
  exports: [EgressFetch],
})
export class EgressModule {}
