import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunResources } from './run-resources.js';

/** What to run. */
export interface Command {
  /** Tells it from the others of a run. */
  name: string;
  /** Part of the line that it writes when it is up. */
  announcement: string;
  args: readonly string[];
  environment: Record<string, string>;
}

const START_LIMIT_MS = 60_000;

/** One process of what is tested, from its start to its end. */
export class ManagedProcess {
  readonly startedAtMs = performance.now();
  /** Whether it came up, as soon as that is known. */
  readonly ready: Promise<boolean>;
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Its address, while it is up and has one. */
  url: string | undefined;
  readyAtMs: number | undefined;
  isOver = false;
  /** The last lines it wrote. */
  readonly lines: string[] = [];
  private readonly child: ChildProcess;

  /** @param heard told of each line that it writes */
  constructor(resources: RunResources, command: Command, heard: (line: string) => void = () => undefined) {
    this.child = spawn(process.execPath, command.args, {
      cwd: tmpdir(),
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        HOST: '127.0.0.1',
        NODE_COMPILE_CACHE: join(resources.folder, 'compiled'),
        ...command.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    resources.process(command.name, this.child.pid ?? null);
    this.ended = (once(this.child, 'exit') as Promise<[number | null, string | null]>).then(
      ([code, signal]) => {
        this.isOver = true;
        this.url = undefined;
        resources.process(command.name, null);
        return code ?? signal ?? 'unknown';
      },
    );
    this.ready = this.listen(command.announcement, heard);
  }

  get isUp(): boolean {
    return this.readyAtMs !== undefined && !this.isOver;
  }

  /** Ends it without a warning. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }

  /** Stops it where it is, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  private listen(announcement: string, heard: (line: string) => void): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), START_LIMIT_MS);
    const note = (line: string) => {
      heard(line);
      this.lines.push(line);
      this.lines.splice(0, this.lines.length - 50);
      if (this.readyAtMs === undefined && line.includes(announcement)) {
        this.readyAtMs = performance.now();
        this.url = (JSON.parse(line) as { url?: string }).url;
        resolve(true);
      }
    };
    createInterface({ input: this.child.stdout! }).on('line', note);
    createInterface({ input: this.child.stderr! }).on('line', note);
    void this.ended.then(() => resolve(false));
    return promise.finally(() => clearTimeout(timer));
  }
}
