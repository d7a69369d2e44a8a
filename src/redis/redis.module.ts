import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { RedisBroadcast } from './redis-broadcast.js';
import { RedisLinks } from './redis-links.js';

/** Redis, for rooms that can do without: both providers are undefined where `REDIS_URL` is not set. */
@Module({
  providers: [
    {
      provide: RedisLinks,
      inject: [AppConfig, Logs],
      useFactory: (config: AppConfig, logs: Logs) =>
        config.redisUrl === undefined ? undefined : RedisLinks.open(config, logs),
    },
    {
      provide: RedisBroadcast,
      inject: [RedisLinks],
      useFactory: (links?: RedisLinks) => links && new RedisBroadcast(links),
    },
  ],
  exports: [RedisLinks, RedisBroadcast],
})
export class RedisModule {}
