import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withTimeout } from '../../src/common/with-timeout.js';

const ROOT = join(import.meta.dirname, '../..');
const LIMIT_MS = 60_000;

/** What a command came to. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * A folder in which commands of the documentation run: npm's scripts are those of the repository over its build, and nothing of a
 * developer's (`.env`, data, logs) is in the way.
 */
export class NpmFolder {
  private readonly running = new Set<ChildProcess>();

  private constructor(
    readonly path: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async make(environment: Record<string, string>): Promise<NpmFolder> {
    const path = await mkdtemp(join(tmpdir(), 'auzap-docs-'));
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const here = Object.entries(scripts).map(([name, script]) => [
      name,
      script
        .replace('npm run --silent build && ', '')
        .replace(/(?<= )(dist|test|integrations)\//, `${ROOT}/$1/`),
    ]);
    await mkdir(join(path, 'logs'));
    await writeFile(
      join(path, 'package.json'),
      JSON.stringify({ name: 'docs', type: 'module', scripts: Object.fromEntries(here) as object }),
    );
    return new NpmFolder(path, environment);
  }

  /** Runs a command in bash until it ends. */
  async run(command: string, environment: Record<string, string> = {}): Promise<Outcome> {
    const child = this.spawn(command, environment);
    const outcome = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    const timer = setTimeout(() => end(child), LIMIT_MS);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    return { code, ...outcome };
  }

  /**
   * Starts a command in bash.
   * @returns waits for the first line that it writes in which something is, each line once
   */
  start(
    command: string,
    environment: Record<string, string> = {},
  ): (wanted: RegExp) => Promise<RegExpExecArray> {
    const child = this.spawn(command, environment);
    let written = '';
    let from = 0;
    let look = (): void => undefined;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        written += text;
        look();
      });
    }
    child.once('exit', () => look());
    return (wanted) => {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      look = () => {
        const found = wanted.exec(written.slice(from));
        if (found) {
          from += found.index + found[0].length;
          resolve(found);
        } else if (child.exitCode !== null) {
          reject(new Error(`ended before ${wanted}:\n${written}`));
        }
      };
      look();
      return withTimeout(promise, LIMIT_MS, () => new Error(`${wanted} did not come:\n${written}`));
    };
  }

  /** Ends what runs, and removes the folder. */
  async remove(): Promise<void> {
    await this.endAll();
    await rm(this.path, { recursive: true, force: true });
  }

  async endAll(): Promise<void> {
    await Promise.all(
      [...this.running].map(async (child) => {
        const ended = once(child, 'close');
        end(child);
        await ended;
      }),
    );
  }

  private spawn(command: string, environment: Record<string, string>): ChildProcess {
    const child = spawn('bash', ['-euc', command], {
      cwd: this.path,
      env: {
        PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
        HOME: this.path,
        npm_config_update_notifier: 'false',
        ...this.environment,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which is ended as a whole.
      detached: true,
    });
    this.running.add(child);
    child.once('close', () => this.running.delete(child));
    return child;
  }
}

function end(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGTERM');
  } catch {
    // It ended meanwhile.
  }
}
