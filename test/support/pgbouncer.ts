import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from './end-process.js';
import { freePort } from './free-port.js';
import { unprivilegedUser } from './postgres-cluster.js';
import { ensureProgram, type SystemProgram } from './system-package.js';
import { untilLine } from './until-line.js';
import { Watchdog } from './watchdog.js';

const START_TIMEOUT_MS = 60_000;
const PGBOUNCER: SystemProgram = {
  command: ['pgbouncer', '--version'],
  debian: 'pgbouncer',
  elsewhere: 'brew install pgbouncer',
};

/** What a pooler is to do. */
export interface PoolerOptions {
  mode?: 'session' | 'transaction' | 'statement';
  /** Connections to the server for each database. */
  poolSize?: number;
}

/** A PgBouncer over one Postgres server, for one run. It asks nobody for a password. */
export class PgBouncer {
  private readonly child: ChildProcess;
  private readonly watchdog: Watchdog;
  private readonly port: number;

  private constructor(child: ChildProcess, watchdog: Watchdog, port: number) {
    this.child = child;
    this.watchdog = watchdog;
    this.port = port;
  }

  /**
   * Starts one on a free port of 127.0.0.1, which gives each transaction to another connection where it has several;
   * installs it where that is possible.
   * @param server URL of any database of the server
   * @throws Error that says what to install
   */
  static async start(server: string, options: PoolerOptions = {}): Promise<PgBouncer> {
    await ensureProgram(PGBOUNCER);
    const user = await unprivilegedUser();
    const folder = await mkdtemp(join(tmpdir(), 'auzap-pgbouncer-'));
    const port = await freePort();
    const file = join(folder, 'pgbouncer.ini');
    await writeFile(file, settingsOf(server, port, options));
    if (user) {
      await chown(folder, user.uid, user.gid);
      await chown(file, user.uid, user.gid);
    }
    const child = spawn('pgbouncer', [file], {
      ...user,
      cwd: folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own: the terminal's Ctrl-C is for the run.
      detached: true,
    });
    try {
      await untilLine(child, child.stderr, {
        name: 'PgBouncer',
        line: 'process up',
        timeoutMs: START_TIMEOUT_MS,
      });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    child.unref();
    return new PgBouncer(child, new Watchdog(child, folder, { signal: 'KILL', ...user }), port);
  }

  /** @returns the URL by which a database of the server is reached through the pooler */
  through(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Ends it, and all connections with it. */
  async stop(): Promise<void> {
    await endProcess(this.child, 'SIGKILL');
    await this.watchdog.release();
  }
}

function settingsOf(
  server: string,
  port: number,
  { mode = 'transaction', poolSize = 5 }: PoolerOptions,
): string {
  const { hostname, port: serverPort, username, password } = new URL(server);
  const login = [
    `user=${decodeURIComponent(username)}`,
    password && `password=${decodeURIComponent(password)}`,
  ];
  return `[databases]
* = host=${hostname} port=${serverPort || '5432'} ${login.filter(Boolean).join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${poolSize}
max_client_conn = 1000
server_round_robin = 1
`;
}
