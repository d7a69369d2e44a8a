import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import { expectNoLeak, secretsOf } from './log-leaks.js';
import { endProcess } from './end-process.js';

const START_LIMIT_MS = 60_000;
const ENTRY = join(import.meta.dirname, '../../dist/worker.js');

/** The built message worker in a process of its own. */
export class BuiltWorker {
  /** Its log so far. */
  readonly lines: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly secrets: readonly string[],
  ) {}

  /**
   * @returns the worker once it says that it started
   * @throws Error with what it wrote, when it ended before that
   */
  static async start(environment: Record<string, string>): Promise<BuiltWorker> {
    const folder = mkdtempSync(join(tmpdir(), 'auzap-worker-'));
    const child = spawn(process.execPath, [ENTRY], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const endWithUs = () => child.kill('SIGKILL');
    process.once('exit', endWithUs);
    child.once('exit', () => {
      process.off('exit', endWithUs);
      rmSync(folder, { recursive: true });
    });
    const worker = new BuiltWorker(child, secretsOf(environment));
    await worker.started();
    return worker;
  }

  /** Where it answers health probes, once it does. */
  async url(): Promise<string> {
    const line = await vi.waitFor(() => {
      const found = this.lines.find((each) => each.includes('"worker answers health probes"'));
      return found ?? Promise.reject(new Error('the worker answers no health probes'));
    }, START_LIMIT_MS);
    return (JSON.parse(line) as { url: string }).url;
  }

  /**
   * @returns the exit code, or the signal's name
   * @throws Error where it wrote what no log may show
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const outcome = await endProcess(this.child, signal);
    expectNoLeak(this.lines.join('\n'), this.secrets);
    return outcome;
  }

  private async started(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = () => reject(new Error(`the worker did not start:\n${this.lines.join('\n')}`));
    const timer = setTimeout(() => {
      this.child.kill('SIGKILL');
      fail();
    }, START_LIMIT_MS);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (line.includes('"Message worker started"')) {
          resolve();
        }
      });
    }
    this.child.once('exit', fail);
    await promise.finally(() => clearTimeout(timer));
  }
}
