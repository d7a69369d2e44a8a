import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiClient } from './api-client.js';
import { expectDiscreetLog } from './discreet-log.js';
import { endProcess } from './end-process.js';

const START_LIMIT_MS = 60_000;
const ENTRY = join(import.meta.dirname, '../../dist/main.js');

/** A folder for data and logs that outlives single runs of the service, as an operator's would. */
export interface ServiceHome {
  dataDir: string;
  logFile: string;
  /** Removes the folder. Throws where the log shows what no log may show. */
  remove(): Promise<void>;
}

export async function makeServiceHome(): Promise<ServiceHome> {
  const folder = await mkdtemp(join(tmpdir(), 'auzap-test-'));
  const logFile = join(folder, 'logs/app.log');
  return {
    dataDir: join(folder, 'data'),
    logFile,
    remove: async () => {
      try {
        await expectDiscreetLog(logFile);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What makes a process use this home, on a free port. */
export function environmentOf(home: ServiceHome): Record<string, string> {
  return { DATA_DIR: home.dataDir, LOG_FILE: home.logFile, PORT: '0' };
}

/** The built service in a process of its own. */
export class BuiltService {
  readonly api: ApiClient;
  private readonly written: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** Milliseconds from the start of the process until it said that it answers. */
    readonly startedInMs: number,
  ) {
    this.api = new ApiClient(url);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.written.push(chunk.toString()));
    }
  }

  /** What it wrote to standard output and error since it answers. */
  get output(): string {
    return this.written.join('');
  }

  /**
   * @param home its data and logs
   * @param environment more variables
   * @returns the service once it answers
   * @throws Error with what it wrote, when it ended before that
   */
  static async start(home: ServiceHome, environment: Record<string, string> = {}): Promise<BuiltService> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [ENTRY], {
      // Away from the repository, so that a developer's .env does not leak into the test.
      cwd: tmpdir(),
      env: {
        PATH: process.env.PATH,
        ...environmentOf(home),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stopWithUs = () => child.kill('SIGKILL');
    process.once('exit', stopWithUs);
    child.once('exit', () => process.off('exit', stopWithUs));
    const url = await announcedUrl(child);
    return new BuiltService(child, url, performance.now() - startedAt);
  }

  /** Stops or continues the process, without an end. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** @returns the exit code, or the signal's name */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    return endProcess(this.child, signal);
  }
}

/** Runs the built entry until it ends by itself. */
export async function runToExit(
  entry: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../dist', entry), ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

async function announcedUrl(child: ChildProcess): Promise<string> {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const lines = createInterface({ input: child.stdout! });
  try {
    for await (const line of lines) {
      output += `${line}\n`;
      if (line.includes('"service started"')) {
        child.stdout?.resume();
        return (JSON.parse(line) as { url: string }).url;
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`the service ended before it answered:\n${output}`);
}
