import { type ChildProcess, execFile } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import type { RunResources } from './run-resources.js';

const run = promisify(execFile);

/** As an operator runs it (a commit is on the disk before it is answered), and with the time of each commit kept. */
const SETTINGS = [
  'fsync=on',
  'synchronous_commit=on',
  'track_commit_timestamp=on',
  'max_connections=100',
  'min_wal_size=32MB',
  'max_wal_size=64MB',
];

/** A Postgres of our own, to be stopped, frozen and started again. */
export class PostgresServer {
  readonly url: string;
  private readonly resources: RunResources;
  private readonly cluster: PostgresCluster;
  private readonly port: number;
  private server: ChildProcess | undefined;

  private constructor(resources: RunResources, cluster: PostgresCluster, port: number) {
    this.resources = resources;
    this.cluster = cluster;
    this.port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** @param folder where its data goes, e.g. a small disk */
  static async create(resources: RunResources, folder: string): Promise<PostgresServer> {
    const home = join(folder, 'postgres');
    await mkdir(home);
    // Whoever runs it comes through here.
    await chmod(resources.folder, 0o711);
    const cluster = await PostgresCluster.create(home, { copyTo: resources.folder });
    const server = new PostgresServer(resources, cluster, await freePort());
    await server.start();
    return server;
  }

  get isRunning(): boolean {
    return this.server !== undefined && this.server.exitCode === null && this.server.signalCode === null;
  }

  /** @throws Error with what it said, when it does not come up */
  async start(): Promise<void> {
    await this.cluster.serve(this.port, SETTINGS, (server) => {
      this.server = server;
      this.resources.process('postgres', server.pid ?? null);
    });
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
    if (this.server) {
      await endProcess(this.server, signal);
    }
    this.resources.process('postgres', null);
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
