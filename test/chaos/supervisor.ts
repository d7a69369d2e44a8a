import { setTimeout as delay } from 'node:timers/promises';
import { leakInLog, secretsOf } from '../support/log-leaks.js';
import type { ServiceEndpoint } from './service-endpoint.js';
import type { RunResources } from './run-resources.js';
import { type Command, ManagedProcess } from './managed-process.js';
import type { Timeline } from './timeline.js';

const RESTART_PAUSE_MS = 250;
const UP_LIMIT_MS = 90_000;

/** Starts what is tested, again when it ends by itself, as a process manager would; and kills it. */
export class Supervisor implements ServiceEndpoint {
  current: ManagedProcess | undefined;
  /** It ended although nobody killed it, after it had been up. */
  readonly crashes: { outcome: number | string; lines: string[] }[] = [];
  /** Lines of its logs that show what no log may show. */
  readonly leaks: string[] = [];
  /** How often its log file took no more lines, by the reason. */
  readonly logDrops: Record<string, number> = {};
  /** It ended before it was up, as when there is no database. */
  failedStarts = 0;
  kills = 0;
  readonly startMs: number[] = [];
  private readonly resources: RunResources;
  private readonly command: Command;
  private readonly timeline: Timeline;
  private readonly secrets: readonly string[];
  private isWanted = false;

  constructor(resources: RunResources, command: Command, timeline: Timeline) {
    this.resources = resources;
    this.command = command;
    this.timeline = timeline;
    this.secrets = secretsOf(command.environment);
  }

  /** Address of what is tested, while it is up. */
  get url(): string | undefined {
    return this.current?.url;
  }

  /** Starts it, and keeps it running until it is killed. */
  start(): ManagedProcess {
    this.isWanted = true;
    const started = new ManagedProcess(this.resources, this.command, (line) => this.hear(line));
    this.current = started;
    void started.ready.then((isUp) => {
      if (isUp) {
        this.startMs.push(started.readyAtMs! - started.startedAtMs);
        this.timeline.note('up', { name: this.command.name });
      }
    });
    void started.ended.then((outcome) => this.ended(started, outcome));
    return started;
  }

  /**
   * Returns once it is up; waits through starts that fail.
   * @throws Error with what it wrote, when it does not come up
   */
  async up(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + UP_LIMIT_MS;
    while (!this.current?.isUp) {
      if (performance.now() > deadline) {
        throw new Error(`it does not come up:\n${this.current?.lines.join('\n')}`);
      }
      await delay(20, undefined, { signal });
    }
  }

  async kill(): Promise<void> {
    this.isWanted = false;
    if (this.current && !this.current.isOver) {
      this.kills += 1;
      await this.current.kill();
      this.timeline.note('killed', { name: this.command.name });
    }
  }

  /** As an operator does. Ends the hard way when that takes too long. */
  async stop(limitMs: number): Promise<number | string | undefined> {
    this.isWanted = false;
    const { current } = this;
    if (!current || current.isOver) {
      return undefined;
    }
    const timer = setTimeout(() => void current.kill(), limitMs);
    await current.kill('SIGTERM');
    clearTimeout(timer);
    return current.ended;
  }

  private hear(line: string): void {
    const [, reason] = /"place":"file","reason":"(\w+)".*are dropped from now on/.exec(line) ?? [];
    if (reason !== undefined) {
      this.logDrops[reason] = (this.logDrops[reason] ?? 0) + 1;
    }
    const leak = leakInLog(line, this.secrets);
    if (leak !== undefined) {
      this.leaks.push(leak);
    }
  }

  private ended(process: ManagedProcess, outcome: number | string): void {
    if (!this.isWanted || this.current !== process) {
      return;
    }
    const wasUp = process.readyAtMs !== undefined;
    if (wasUp) {
      this.crashes.push({ outcome, lines: process.lines.slice(-8) });
    }
    this.failedStarts += wasUp ? 0 : 1;
    const { name } = this.command;
    this.timeline.note(wasUp ? 'crashed' : 'start failed', { name, outcome, lines: process.lines.slice(-5) });
    setTimeout(() => {
      if (this.isWanted && this.current === process) {
        this.start();
      }
    }, RESTART_PAUSE_MS);
  }
}
