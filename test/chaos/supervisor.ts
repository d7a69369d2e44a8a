import { setTimeout as delay } from 'node:timers/promises';
import { giveawayIn, secretsOf } from '../support/discreet-log.js';
import type { Doors } from './doors.js';
import type { Estate } from './estate.js';
import { type Command, Life } from './life.js';
import type { Timeline } from './timeline.js';

const RESTART_PAUSE_MS = 250;
const UP_LIMIT_MS = 90_000;

/** Starts what is tested, again when it ends by itself, as a process manager would; and kills it. */
export class Supervisor implements Doors {
  life: Life | undefined;
  /** It ended although nobody killed it, after it had been up. */
  readonly crashes: { outcome: number | string; lines: string[] }[] = [];
  /** Lines of its logs that show what no log may show. */
  readonly giveaways: string[] = [];
  /** How often its log file took no more lines, by the reason. */
  readonly logDrops: Record<string, number> = {};
  /** It ended before it was up, as when there is no database. */
  failedStarts = 0;
  kills = 0;
  readonly startMs: number[] = [];
  private readonly estate: Estate;
  private readonly command: Command;
  private readonly timeline: Timeline;
  private readonly secrets: readonly string[];
  private isWanted = false;

  constructor(estate: Estate, command: Command, timeline: Timeline) {
    this.estate = estate;
    this.command = command;
    this.timeline = timeline;
    this.secrets = secretsOf(command.environment);
  }

  /** Address of what is tested, while it is up. */
  get url(): string | undefined {
    return this.life?.url;
  }

  /** Starts it, and keeps it running until it is killed. */
  start(): Life {
    this.isWanted = true;
    const life = new Life(this.estate, this.command, (line) => this.hear(line));
    this.life = life;
    void life.ready.then((isUp) => {
      if (isUp) {
        this.startMs.push(life.readyAtMs! - life.startedAtMs);
        this.timeline.note('up', { name: this.command.name });
      }
    });
    void life.ended.then((outcome) => this.ended(life, outcome));
    return life;
  }

  /**
   * Returns once it is up; waits through starts that fail.
   * @throws Error with what it wrote, when it does not come up
   */
  async up(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + UP_LIMIT_MS;
    while (!this.life?.isUp) {
      if (performance.now() > deadline) {
        throw new Error(`it does not come up:\n${this.life?.lines.join('\n')}`);
      }
      await delay(20, undefined, { signal });
    }
  }

  async kill(): Promise<void> {
    this.isWanted = false;
    if (this.life && !this.life.isOver) {
      this.kills += 1;
      await this.life.kill();
      this.timeline.note('killed', { name: this.command.name });
    }
  }

  /** As an operator does. Ends the hard way when that takes too long. */
  async stop(limitMs: number): Promise<number | string | undefined> {
    this.isWanted = false;
    const { life } = this;
    if (!life || life.isOver) {
      return undefined;
    }
    const timer = setTimeout(() => void life.kill(), limitMs);
    await life.kill('SIGTERM');
    clearTimeout(timer);
    return life.ended;
  }

  private hear(line: string): void {
    const [, reason] = /"place":"file","reason":"(\w+)".*are dropped from now on/.exec(line) ?? [];
    if (reason !== undefined) {
      this.logDrops[reason] = (this.logDrops[reason] ?? 0) + 1;
    }
    const giveaway = giveawayIn(line, this.secrets);
    if (giveaway !== undefined) {
      this.giveaways.push(giveaway);
    }
  }

  private ended(life: Life, outcome: number | string): void {
    if (!this.isWanted || this.life !== life) {
      return;
    }
    const wasUp = life.readyAtMs !== undefined;
    if (wasUp) {
      this.crashes.push({ outcome, lines: life.lines.slice(-8) });
    }
    this.failedStarts += wasUp ? 0 : 1;
    const { name } = this.command;
    this.timeline.note(wasUp ? 'crashed' : 'start failed', { name, outcome, lines: life.lines.slice(-5) });
    setTimeout(() => {
      if (this.isWanted && this.life === life) {
        this.start();
      }
    }, RESTART_PAUSE_MS);
  }
}
