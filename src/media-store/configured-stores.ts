import { join } from 'node:path';
import type { AppConfig } from '../config/app-config.js';
import { LocalMediaStore } from './local-media-store.js';
import type { MediaStoreSettings } from './media-settings.js';
import type { MediaStore } from './media-store.js';
import { MediaStores } from './media-stores.js';
import { S3MediaStore } from './s3-media-store.js';
import { SupabaseMediaStore } from './supabase-media-store.js';

/** @returns the stores that there is a configuration for, the one for new files first: files of earlier days may be in the others */
export function configuredStores(
  { dataDir, media }: Pick<AppConfig, 'dataDir' | 'media'>,
  { remote }: Pick<MediaStoreSettings, 'remote'>,
): MediaStores {
  const stores: MediaStore[] = [new LocalMediaStore(join(dataDir, 'media', 'files'))];
  if (media.s3) {
    stores.push(new S3MediaStore(media.s3, remote));
  }
  if (media.supabase) {
    stores.push(new SupabaseMediaStore(media.supabase, remote));
  }
  const current = stores.filter(({ backend }) => backend === media.store);
  return new MediaStores([...current, ...stores.filter((store) => !current.includes(store))]);
}
