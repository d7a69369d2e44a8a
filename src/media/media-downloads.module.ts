import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { MediaDownloads } from './media-downloads.js';
import { MediaSettings } from './media-settings.js';

/** The worker's part of the files of messages. */
@Module({
  imports: [DomainEventsModule, MediaStoreModule, RepositoriesModule, SecretsModule, TickerModule],
  providers: [{ provide: MediaSettings, useFactory: () => new MediaSettings() }, MediaDownloads],
  exports: [MediaSettings],
})
export class MediaDownloadsModule {}
