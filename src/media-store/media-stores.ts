import { AppError } from '../common/app-error.js';
import type { MediaStore } from './media-store.js';

/** The stores that the configuration names: new files go to one of them, older ones stay where they were put. */
export class MediaStores {
  /** @param stores the one for new files first */
  constructor(private readonly stores: readonly MediaStore[]) {}

  /** Where new files go. */
  get current(): MediaStore {
    return this.stores[0]!;
  }

  get all(): readonly MediaStore[] {
    return this.stores;
  }

  /**
   * @param backend of a stored file
   * @throws AppError `media_store_unavailable` when the configuration does not name it any more
   */
  of(backend: string): MediaStore {
    const store = this.stores.find((one) => one.backend === backend);
    if (!store) {
      throw new AppError('media_store_unavailable', {
        message: `The file is in a store of kind ${backend}, which is not configured any more.`,
      });
    }
    return store;
  }
}
