import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { NotesController } from './notes.controller.js';
import { NotesRepository } from './notes.repository.js';

/** REST of the notes. */
@Module({ imports: [RepositoriesModule], controllers: [NotesController], providers: [NotesRepository] })
export class NotesModule {}
