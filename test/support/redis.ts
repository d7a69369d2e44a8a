import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endProcess } from './end-process.js';
import { freePort } from './free-port.js';
import { ensureProgram, type SystemProgram } from './system-package.js';
import { untilLine } from './until-line.js';
import { Watchdog } from './watchdog.js';

const START_TIMEOUT_MS = 60_000;
const REDIS: SystemProgram = {
  command: ['redis-server', '--version'],
  debian: 'redis-server',
  elsewhere: 'brew install redis',
};

/** A Redis for one run, to do with as it likes: nobody else knows it. */
export class TestRedis {
  private readonly port: number;
  private readonly folder: string;
  private readonly settings: readonly string[];
  private readonly password: string;
  private child: ChildProcess | undefined;

  private constructor(port: number, folder: string, settings: readonly string[], password: string) {
    this.port = port;
    this.folder = folder;
    this.settings = settings;
    this.password = password;
  }

  /**
   * Starts a `redis-server` on a free port of 127.0.0.1; installs one where that is possible.
   * @param options.isPersistent keeps its data over a restart; by default everything is gone then
   * @param options.password asked of everybody; by default none
   * @throws Error that says what to install
   */
  static async start({ isPersistent = false, password = '' } = {}): Promise<TestRedis> {
    await ensureProgram(REDIS);
    const persistence = isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--save', ''];
    const folder = await mkdtemp(join(tmpdir(), 'auzap-redis-'));
    const redis = new TestRedis(
      await freePort(),
      folder,
      [...persistence, '--requirepass', password],
      password,
    );
    await redis.resume();
    return redis;
  }

  get url(): string {
    const login = this.password === '' ? '' : `:${this.password}@`;
    return `redis://${login}127.0.0.1:${this.port}`;
  }

  /** Deletes everything, as `FLUSHALL` of an operator does. */
  async flush(): Promise<void> {
    const client = new Redis(this.url, { maxRetriesPerRequest: 1, commandTimeout: 30_000 });
    try {
      await client.flushall();
    } finally {
      client.disconnect();
    }
  }

  /** Ends it, by default as a crash; `resume` starts it again on the same port. */
  async kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child) {
      await endProcess(child, signal);
    }
  }

  /** It keeps its connections and answers nobody, until `thaw`. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async resume(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const child = spawn('redis-server', [...place, ...this.settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the terminal's Ctrl-C is for the run.
      detached: true,
    });
    this.child = child;
    const line = 'eady to accept connections';
    await untilLine(child, child.stdout, { name: 'Redis', line, timeoutMs: START_TIMEOUT_MS });
    const watchdog = new Watchdog(child, this.folder, { signal: 'KILL' });
    child.once('exit', () => watchdog.dismiss());
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
