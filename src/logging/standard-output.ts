import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { codeOf, type DropListener, Drops } from './drops.js';

/** What may wait for a reader, in bytes. */
const MAX_WAITING = 1024 ** 2;
/** How often to try again while it is not read, and after an error, in ms. */
const READER_EVERY_MS = 50;
const FAULT_EVERY_MS = 1_000;

/**
 * Writes lines to standard output, at once where it is read. Never throws, and never waits: what is not read stays
 * in memory up to a bound; beyond, and where the other end was closed, lines are dropped and counted.
 */
export class StandardOutput {
  readonly drops: Drops;
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private isFaulty = false;

  /** @param fd to write to, with a reader that may stop to read */
  constructor(
    listener: DropListener,
    private readonly fd = unblocked(1),
  ) {
    this.drops = new Drops('stdout', listener);
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.isFaulty || this.waitingBytes + bytes.length > MAX_WAITING) {
      this.drops.add(this.isFaulty ? (this.drops.current?.reason ?? 'UNKNOWN') : 'SLOW');
      this.tryAgainLater();
      return;
    }
    this.push(bytes);
    if (this.timer === undefined) {
      this.drain();
    }
  }

  /** Writes what a reader takes at this moment. */
  flush(): void {
    this.drain();
  }

  private push(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
  }

  /** @param notices how many of the lines that wait are not worth counting */
  private drain(notices = 0): void {
    try {
      for (let first = this.waiting[0]; first; first = this.waiting[0]) {
        const written = writeSync(this.fd, first);
        this.waitingBytes -= written;
        if (written < first.length) {
          this.waiting[0] = first.subarray(written);
        } else {
          this.waiting.shift();
        }
      }
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') {
        this.fail(codeOf(error), notices);
      }
      this.tryAgainLater();
    }
  }

  private fail(code: string, notices: number): void {
    this.isFaulty = true;
    for (let line = notices; line < this.waiting.length; line += 1) {
      this.drops.add(code);
    }
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  private tryAgainLater(): void {
    const pause = this.isFaulty ? FAULT_EVERY_MS : READER_EVERY_MS;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.isFaulty = false;
      const { notice } = this.drops;
      if (notice !== undefined && this.waitingBytes <= MAX_WAITING / 2) {
        this.push(Buffer.from(notice));
        this.drain(1);
        if (!this.isFaulty) {
          this.drops.end();
        }
      } else {
        this.drain();
      }
      if (this.waiting.length > 0 || this.drops.current) {
        this.tryAgainLater();
      }
    }, pause).unref();
  }
}

/** @returns a descriptor of the same output that answers EAGAIN instead of waiting for a reader, where the system has one */
function unblocked(fd: number): number {
  const isFifo = kindOf(fd) === 'fifo';
  if (isFifo || isatty(fd)) {
    try {
      // Opened anew, so that others who have this output too (npm, a shell) are not changed.
      return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // Not allowed, or a system without such paths.
    }
  }
  if (isFifo || kindOf(fd) === 'socket') {
    // Node makes it so when it opens its own stream.
    process.stdout.on('error', () => undefined);
  }
  return fd;
}

function kindOf(fd: number): 'fifo' | 'socket' | 'other' {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() ? 'fifo' : stats.isSocket() ? 'socket' : 'other';
  } catch {
    return 'other';
  }
}
