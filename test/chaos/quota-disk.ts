import { spawnSync } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import type { RunResources } from './run-resources.js';

const SIZE_BYTES = 6 * 1024 ** 3;
/** What is left when the quota is used up: less than one segment of a write-ahead log. */
const LEFT_BYTES = 128 * 1024;
const ATTEMPTS = 10;

/** A disk with a quota. Takes memory only for what is on it. */
export class QuotaDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @returns undefined where this user may not mount one */
  static async mount(resources: RunResources, name?: string): Promise<QuotaDisk | undefined> {
    const path = await resources.mountDisk(SIZE_BYTES, name);
    return path === undefined ? undefined : new QuotaDisk(path);
  }

  /**
   * Lowers the quota to what is used.
   * @param leftBytes and so much
   */
  async fill(leftBytes = LEFT_BYTES): Promise<void> {
    for (let left = ATTEMPTS; ; left--) {
      const { bsize, blocks, bfree } = await statfs(this.path);
      try {
        this.resize((blocks - bfree) * bsize + leftBytes);
        return;
      } catch (error) {
        // Refused when more was written meanwhile.
        if (left === 1) {
          throw error;
        }
      }
    }
  }

  free(): void {
    this.resize(SIZE_BYTES);
  }

  private resize(bytes: number): void {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,size=${bytes}`, this.path]);
    if (status !== 0) {
      throw new Error(`the disk could not be resized: ${String(stderr)}`);
    }
  }
}
