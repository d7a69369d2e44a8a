import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AdminController } from './admin.controller.js';
import { InboxRedriveController } from './inbox-redrive.controller.js';
import { QueueStatsService } from './queue-stats.service.js';

/** REST of operations; needs the global `QueueModule`. */
@Module({
  imports: [RepositoriesModule],
  controllers: [AdminController, InboxRedriveController],
  providers: [QueueStatsService],
})
export class AdminModule {}
