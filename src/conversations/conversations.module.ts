import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsRepository } from './conversations.repository.js';

/** REST of the conversations. */
@Module({
  imports: [RepositoriesModule],
  controllers: [ConversationsController],
  providers: [ConversationsRepository],
})
export class ConversationsModule {}
