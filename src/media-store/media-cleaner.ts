import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CoalescedRun } from '../common/coalesced-run.js';
import { Logs } from '../logging/logs.js';
import { type DoomedFile, MediaFilesRepository } from '../repositories/media-files.repository.js';
import { fileKey, thumbnailKey } from './media-keys.js';
import { MediaStoreSettings } from './media-settings.js';
import { MediaStores } from './media-stores.js';
import { MediaWorkspace } from './media-workspace.js';

/** Removes files that nothing refers to any more, and what was never finished. */
@Injectable()
export class MediaCleaner {
  private readonly log: Logger;
  private readonly cleaning = new CoalescedRun(() => this.clean());

  constructor(
    private readonly files: MediaFilesRepository,
    private readonly stores: MediaStores,
    private readonly workspace: MediaWorkspace,
    private readonly settings: MediaStoreSettings,
    logs: Logs,
  ) {
    this.log = logs.component('media');
  }

  /** Removes all that is due. What its store does not give up now is tried again later. Never rejects. */
  run(): Promise<void> {
    return this.cleaning.run();
  }

  /** Settles when nothing is being removed. */
  settled(): Promise<void> {
    return this.cleaning.settled();
  }

  /** Empties the workspace of what processes left that ended in the middle. */
  async sweepWorkspace(): Promise<void> {
    const removed = await this.workspace.sweep(this.settings.abandonedMs);
    if (removed > 0) {
      this.log.info({ removed }, 'unfinished files removed');
    }
  }

  private async clean(): Promise<void> {
    const { removedAtOnce, removeLeaseMs } = this.settings;
    try {
      let isGoingOn: boolean;
      do {
        const doomed = await this.files.doom(removedAtOnce, removeLeaseMs);
        isGoingOn = (await this.remove(doomed)) && doomed.length > 0;
      } while (isGoingOn);
    } catch (err) {
      this.log.warn({ err }, 'files not removed yet');
    }
  }

  /** @returns whether their stores did all of it: one that is away is not asked for everything at once */
  private async remove(doomed: readonly DoomedFile[]): Promise<boolean> {
    let isDone = true;
    for (const [backend, files] of Map.groupBy(doomed, (file) => file.backend)) {
      try {
        const keys = files
          .map(({ organizationId, id }) => ({ organizationId, fileId: id }))
          .flatMap((parts) => [fileKey(parts), thumbnailKey(parts)]);
        await this.stores.of(backend).remove(keys);
        await this.files.forget(files.map(({ id }) => id));
      } catch (err) {
        isDone = false;
        this.log.warn({ err, backend, count: files.length }, 'files not removed yet');
      }
    }
    return isDone;
  }
}
