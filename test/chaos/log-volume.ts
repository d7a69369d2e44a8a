import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { QuotaDisk } from './quota-disk.js';
import type { RunResources } from './run-resources.js';

/** Where the service logs: on a disk of its own where this user may mount one. */
export class LogVolume {
  /** Of its log. */
  readonly file: string;
  /** That the file is in. */
  readonly folder: string;

  /** To be filled up. */
  readonly disk: QuotaDisk | undefined;
  private readonly resources: RunResources;

  private constructor(resources: RunResources, disk: QuotaDisk | undefined, path: string) {
    this.resources = resources;
    this.disk = disk;
    this.folder = join(path, 'service');
    this.file = join(this.folder, 'service.log');
  }

  static async make(resources: RunResources): Promise<LogVolume> {
    const disk = await QuotaDisk.mount(resources, 'logs');
    const place = new LogVolume(resources, disk, disk?.path ?? join(resources.folder, 'logs'));
    await mkdir(dirname(place.folder), { recursive: true });
    return place;
  }

  /** Nobody may write to its folder any more. @returns undoes it, or undefined where that is not allowed */
  makeReadOnly(): (() => void) | undefined {
    return this.resources.coverReadOnly(this.folder);
  }
}
