import type { LineClock } from './line-clock.js';

export interface KeepAliveOptions {
  /** Quiet for so long: a ping goes out, in ms. */
  keepAliveMs: number;
  /** A ping may stay unanswered for so long, in ms. */
  pingAnswerMs: number;
}

/** @returns how often a line is looked at, in ms */
export function lookMs({ keepAliveMs, pingAnswerMs }: KeepAliveOptions): number {
  return Math.max(1, Math.min(keepAliveMs, pingAnswerMs) / 4);
}

export interface WatchedLine {
  ping(): void;
  /** Silence proves nothing now: reading is paused, or what we say is held back. */
  isMuted(): boolean;
  /** Called once. */
  onSilent(): void;
}

/**
 * Notices a dead line by a ping that is not answered. Takes the place of Baileys' own keep-alive, which needs twice its
 * interval, and takes a pause in reading or a held ping for a dead line.
 */
export class KeepAlive {
  private readonly stepMs: number;
  private leave: (() => void) | undefined;
  private lastHeardAt = 0;
  private pingedAt: number | undefined;
  private nextLookAt = 0;
  private isOver = false;

  /** @param clock of the process, with rounds of `lookMs` */
  constructor(
    private readonly line: WatchedLine,
    private readonly options: KeepAliveOptions,
    private readonly clock: LineClock,
  ) {
    this.stepMs = lookMs(options);
  }

  /** Something was received; the first call starts the watch. */
  heard(): void {
    this.lastHeardAt = Date.now();
    this.pingedAt = undefined;
    if (!this.leave && !this.isOver) {
      this.nextLookAt = this.lastHeardAt + this.stepMs;
      this.leave = this.clock.join(() => this.look());
    }
  }

  end(): void {
    this.isOver = true;
    this.leave?.();
    this.leave = undefined;
  }

  private look(): void {
    const now = Date.now();
    // A process that stood still has heard nothing either: what came meanwhile is read right after this.
    const stoodStill = now - this.nextLookAt > this.options.pingAnswerMs / 2;
    this.nextLookAt = now + this.stepMs;
    if (stoodStill || this.line.isMuted()) {
      this.lastHeardAt = now;
      this.pingedAt = undefined;
    } else if (this.pingedAt === undefined) {
      if (now - this.lastHeardAt >= this.options.keepAliveMs) {
        this.pingedAt = now;
        this.line.ping();
      }
    } else if (now - this.pingedAt >= this.options.pingAnswerMs) {
      this.end();
      this.line.onSilent();
    }
  }
}
