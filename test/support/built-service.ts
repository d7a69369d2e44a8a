import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ApiClient } from './api-client.js';
import { expectNoLeak, expectNoLeakInFile, expectNoSecrets, secretsOf } from './log-leaks.js';
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
        await expectNoLeakInFile(logFile);
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
  readonly url: string;
  /** Milliseconds from the start of the process until it said that it answers. */
  readonly startedInMs: number;
  private readonly child: ChildProcess;
  private readonly written: readonly string[];
  private readonly secrets: readonly string[];

  private constructor(
    child: ChildProcess,
    url: string,
    startedInMs: number,
    written: readonly string[],
    secrets: readonly string[],
  ) {
    this.child = child;
    this.url = url;
    this.startedInMs = startedInMs;
    this.written = written;
    this.secrets = secrets;
    this.api = new ApiClient(url);
  }

  /** What it wrote to standard output and error. */
  get output(): string {
    return this.written.join('');
  }

  /**
   * @param home its data and logs
   * @param environment more variables
   * @param entry of the build, by default that of this repository, and where it runs
   * @returns the service once it answers
   * @throws Error with what it wrote, when it ended before that
   */
  static async start(
    home: ServiceHome,
    environment: Record<string, string> = {},
    { entry = ENTRY, cwd = tmpdir() } = {},
  ): Promise<BuiltService> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [entry], {
      // Away from the repository, so that a developer's .env does not leak into the test.
      cwd,
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
    const written = outputOf(child);
    const url = await announcedUrl(child, written);
    return new BuiltService(child, url, performance.now() - startedAt, written, secretsOf(environment));
  }

  /** Stops or continues the process, or has it open its log again, without an end. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'): void {
    this.child.kill(signal);
  }

  /** Reads what it writes no longer, as a stuck reader of its logs would. */
  stopReading(): void {
    this.child.stdout!.pause();
  }

  /** Closes the other end of its output. */
  closeOutput(): void {
    this.child.stdout!.destroy();
  }

  /**
   * @returns the exit code, or the signal's name
   * @throws Error where it wrote what no log may show
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const outcome = await endProcess(this.child, signal);
    expectNoLeak(this.output, this.secrets);
    return outcome;
  }
}

/**
 * Runs the built entry until it ends.
 * @param onStart given the process
 * @param cwd where it runs; by default in an empty folder
 * @throws Error where it printed a secret that it was given
 */
export async function runToExit(
  entry: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
  onStart: (child: ChildProcess) => void = () => undefined,
  cwd?: string,
): Promise<{ code: number | null; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'auzap-run-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../dist', entry), ...args], {
    cwd: cwd ?? folder,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = outputOf(child);
  onStart(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  await rm(folder, { recursive: true });
  const output = written.join('');
  expectNoSecrets(output, secretsOf(environment));
  return { code, output };
}

/** @returns what the process has written so far, on both streams; grows */
function outputOf(child: ChildProcess): readonly string[] {
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => written.push(chunk));
  }
  return written;
}

async function announcedUrl(child: ChildProcess, written: readonly string[]): Promise<string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const lines = createInterface({ input: child.stdout! });
  try {
    for await (const line of lines) {
      if (line.includes('"service started"')) {
        child.stdout?.resume();
        return (JSON.parse(line) as { url: string }).url;
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`the service ended before it answered:\n${written.join('')}`);
}
