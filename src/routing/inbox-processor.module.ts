import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { QueueModule } from '../queue/queue.module.js';
import { InboxProcessor } from './inbox.processor.js';
import { RoutingModule } from './routing.module.js';

/** The worker's ear for the queue in Redis. Imported where a worker runs with `QUEUE_DRIVER=bullmq`. */
@Module({
  // Registers no queue: the library's part that finds processors, which takes its connection from the queue that is there.
  imports: [BullModule.registerQueue(), QueueModule, RoutingModule],
  providers: [InboxProcessor],
})
export class InboxProcessorModule {}
