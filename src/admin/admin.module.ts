import { Module } from '@nestjs/common';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AdminController } from './admin.controller.js';
import { InboxRedriveController } from './inbox-redrive.controller.js';
import { QueueStatsService } from './queue-stats.service.js';

/** REST of operations. */
@Module({
  imports: [QueueModule, RepositoriesModule],
  controllers: [AdminController, InboxRedriveController],
  providers: [QueueStatsService],
})
export class AdminModule {}
