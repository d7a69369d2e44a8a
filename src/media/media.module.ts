import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretBoxModule } from '../secrets/secret-box.module.js';
import { MediaController } from './media.controller.js';
import { MediaLinks } from './media-links.js';
import { MediaLinksController } from './media-links.controller.js';
import { MediaService } from './media.service.js';

/** REST of the files of messages. */
@Module({
  imports: [DomainEventsModule, MediaStoreModule, RepositoriesModule, SecretBoxModule],
  controllers: [MediaController, MediaLinksController],
  providers: [MediaLinks, MediaService],
})
export class MediaModule {}
