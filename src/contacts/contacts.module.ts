import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { ContactsController } from './contacts.controller.js';
import { ContactsService } from './contacts.service.js';

/** REST of the contacts. */
@Module({
  imports: [RepositoriesModule],
  controllers: [ContactsController],
  providers: [ContactsService],
})
export class ContactsModule {}
