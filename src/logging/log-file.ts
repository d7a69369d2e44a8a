import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, type DropListener, Drops } from './drops.js';

/** How often to look whether the file still is where it was, and to try again after a fault, in ms. */
const LOOK_EVERY_MS = 1_000;
/** A pipe that is a log file must not hold up the process either. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;
/** Logs hold no secrets, but who called when. */
const MODE = 0o600;
const STRANGERS = 0o007;
/** There will be room again in the same file. */
const FULL = ['ENOSPC', 'EDQUOT', 'EAGAIN'];

/**
 * Appends lines to a file, at once: what was logged survives a crash of the process. Never throws. Where the disk is full,
 * the folder is gone or may not be written, lines are dropped and counted; the file is made again, and tells how many, as
 * soon as that is possible.
 */
export class LogFile {
  readonly drops: Drops;
  private fd: number | undefined;
  private lookAt = 0;
  private isTorn = false;
  private retry: NodeJS.Timeout | undefined;

  /** @param path of the file, made where missing, with its folder */
  constructor(
    private readonly path: string,
    listener: DropListener,
  ) {
    this.drops = new Drops('file', listener);
  }

  write(line: string): void {
    const fault = this.drops.current?.reason ?? this.attempt(line);
    if (fault !== undefined) {
      this.drops.add(fault);
      this.tryAgainLater();
    }
  }

  /** Goes on with whatever is at the path now; after log rotation moved the file. */
  reopen(): void {
    this.close();
  }

  /** Lets go of the file; the next line opens it again. */
  close(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const { fd } = this;
    this.fd = undefined;
    this.isTorn = false;
    if (fd !== undefined) {
      try {
        closeSync(fd);
      } catch {
        // What a network file system could not keep is lost by now.
      }
    }
    if (this.drops.current) {
      this.tryAgainLater();
    }
  }

  /** @returns why the line was not taken */
  private attempt(line: string): string | undefined {
    try {
      this.append(line);
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      if (!FULL.includes(code)) {
        this.close();
      }
      return code;
    }
  }

  private append(line: string): void {
    const now = performance.now();
    if (this.fd !== undefined && now >= this.lookAt && !this.isInPlace(this.fd)) {
      this.close();
    }
    if (this.fd === undefined) {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      this.fd = openSync(this.path, FLAGS, MODE);
      closeToStrangers(this.fd);
    }
    if (now >= this.lookAt) {
      this.lookAt = now + LOOK_EVERY_MS;
    }
    const bytes = Buffer.from(this.isTorn ? `\n${line}` : line);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.fd, bytes, written);
      this.isTorn = written < bytes.length;
    }
  }

  /** A file that was deleted or moved takes lines that nobody will ever read. */
  private isInPlace(fd: number): boolean {
    const there = statSync(this.path, { throwIfNoEntry: false });
    const open = fstatSync(fd);
    return there !== undefined && there.ino === open.ino && there.dev === open.dev;
  }

  private tryAgainLater(): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      const { notice } = this.drops;
      this.lookAt = 0;
      if (notice === undefined || this.attempt(notice) === undefined) {
        this.drops.end();
      } else {
        this.tryAgainLater();
      }
    }, LOOK_EVERY_MS).unref();
  }
}

/** One that everybody could read, as earlier versions made it; a group that was let in by hand stays. No device is ours to change. */
function closeToStrangers(fd: number): void {
  const stats = fstatSync(fd);
  if (stats.isFile() && (stats.mode & STRANGERS) !== 0) {
    try {
      fchmodSync(fd, MODE);
    } catch {
      // It is somebody else's, who decides.
    }
  }
}
