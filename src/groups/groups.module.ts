import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { GroupsController } from './groups.controller.js';

/** REST of the groups. */
@Module({ imports: [RepositoriesModule], controllers: [GroupsController] })
export class GroupsModule {}
