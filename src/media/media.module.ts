import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { MediaController } from './media.controller.js';
import { MediaService } from './media.service.js';

/** REST of the files of messages. */
@Module({
  imports: [DomainEventsModule, MediaStoreModule, RepositoriesModule],
  controllers: [MediaController],
  providers: [MediaService],
})
export class MediaModule {}
