import { Global, Module } from '@nestjs/common';
import { RedisBroadcast } from './redis-broadcast.js';
import { RedisLinks } from './redis-links.js';

/** Redis, for rooms that can do without: they inject it as optional. Imported only where `REDIS_URL` is set. */
@Global()
@Module({ providers: [RedisLinks, RedisBroadcast], exports: [RedisLinks, RedisBroadcast] })
export class RedisModule {}
