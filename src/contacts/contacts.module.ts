import { Module } from '@nestjs/common';
import { BaileysModule } from '../baileys/baileys.module.js';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { ContactsController } from './contacts.controller.js';
import { ContactsService } from './contacts.service.js';

/** REST of the contacts. */
@Module({
  imports: [BaileysModule, DomainEventsModule, RepositoriesModule],
  controllers: [ContactsController],
  providers: [ContactsService],
})
export class ContactsModule {}
