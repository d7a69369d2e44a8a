import { Module } from '@nestjs/common';
import { InboxProcessor } from './inbox.processor.js';
import { RoutingModule } from './routing.module.js';

/** The worker's ear for the queue in Redis. Imported where a worker runs with `QUEUE_DRIVER=bullmq`. */
@Module({ imports: [RoutingModule], providers: [InboxProcessor] })
export class InboxProcessorModule {}
