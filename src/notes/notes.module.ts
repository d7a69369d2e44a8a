import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { NotesController } from './notes.controller.js';

/** REST of the notes. */
@Module({ imports: [RepositoriesModule], controllers: [NotesController] })
export class NotesModule {}
