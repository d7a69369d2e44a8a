import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { RedisLinks } from '../redis/redis-links.js';
import { INBOX_QUEUE, JOB_OPTIONS } from './inbox-queue.js';

/** The queue in Redis. Imported only with `QUEUE_DRIVER=bullmq`; needs the global `RedisModule`. */
@Global()
@Module({
  imports: [
    BullModule.forRootAsync({
      inject: [RedisLinks],
      useFactory: (links: RedisLinks) => ({
        connection: links.queue,
        prefix: links.prefix,
        defaultJobOptions: JOB_OPTIONS,
      }),
    }),
    BullModule.registerQueue({ name: INBOX_QUEUE }),
  ],
  exports: [BullModule],
})
export class BullmqModule {}
