import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { MessagesController } from './messages.controller.js';
import { MessagesService } from './messages.service.js';

/** REST of the messages. */
@Module({ imports: [RepositoriesModule], controllers: [MessagesController], providers: [MessagesService] })
export class MessagesModule {}
