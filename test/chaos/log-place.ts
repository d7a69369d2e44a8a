import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { QuotaDisk } from './disk.js';
import type { Estate } from './estate.js';

/** Where the service logs: on a disk of its own where this user may mount one. */
export class LogPlace {
  /** Of its log. */
  readonly file: string;
  /** That the file is in. */
  readonly folder: string;

  /** To be filled up. */
  readonly disk: QuotaDisk | undefined;
  private readonly estate: Estate;

  private constructor(estate: Estate, disk: QuotaDisk | undefined, path: string) {
    this.estate = estate;
    this.disk = disk;
    this.folder = join(path, 'service');
    this.file = join(this.folder, 'service.log');
  }

  static async make(estate: Estate): Promise<LogPlace> {
    const disk = await QuotaDisk.mount(estate, 'logs');
    const place = new LogPlace(estate, disk, disk?.path ?? join(estate.folder, 'logs'));
    await mkdir(dirname(place.folder), { recursive: true });
    return place;
  }

  /** Nobody may write to its folder any more. @returns undoes it, or undefined where that is not allowed */
  makeReadOnly(): (() => void) | undefined {
    return this.estate.coverReadOnly(this.folder);
  }
}
