import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { NotesController } from './notes.controller.js';
import { NotesRepository } from './notes.repository.js';
import { NotesService } from './notes.service.js';

/** REST of the notes. */
@Module({
  imports: [DomainEventsModule, RepositoriesModule],
  controllers: [NotesController],
  providers: [NotesRepository, NotesService],
})
export class NotesModule {}
