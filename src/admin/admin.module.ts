import { Module } from '@nestjs/common';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AdminController } from './admin.controller.js';
import { InboxRedriveController } from './inbox-redrive.controller.js';
import { OperationsController } from './operations.controller.js';
import { OperationsRepository } from './operations.repository.js';
import { QueueStatsService } from './queue-stats.service.js';

/** REST of operations. */
@Module({
  imports: [QueueModule, RepositoriesModule],
  controllers: [AdminController, InboxRedriveController, OperationsController],
  providers: [OperationsRepository, QueueStatsService],
})
export class AdminModule {}
