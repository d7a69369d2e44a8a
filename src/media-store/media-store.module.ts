import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { configuredStores } from './configured-stores.js';
import { MediaCleaner } from './media-cleaner.js';
import { MediaLibrary } from './media-library.js';
import { MediaStoreSettings } from './media-settings.js';
import { MediaStoreLife } from './media-store-life.js';
import { MediaStoreWatch } from './media-store-watch.js';
import { MediaStores } from './media-stores.js';
import { MediaWorkspace } from './media-workspace.js';

/** Where files of messages are kept. */
@Module({
  imports: [RepositoriesModule],
  providers: [
    { provide: MediaStoreSettings, useFactory: () => new MediaStoreSettings() },
    {
      provide: MediaWorkspace,
      useFactory: ({ dataDir }: AppConfig) => new MediaWorkspace(join(dataDir, 'media', 'incoming')),
      inject: [AppConfig],
    },
    {
      provide: MediaStores,
      useFactory: configuredStores,
      inject: [AppConfig, MediaStoreSettings],
    },
    MediaStoreWatch,
    MediaStoreLife,
    MediaLibrary,
    MediaCleaner,
  ],
  exports: [MediaStoreSettings, MediaWorkspace, MediaStores, MediaStoreWatch, MediaLibrary, MediaCleaner],
})
export class MediaStoreModule {}
