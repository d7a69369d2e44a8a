import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';
import { startTestPostgres, type TestPostgres } from './postgres-server.js';

/** A Postgres of its own that can be frozen, and a line to it that can be cut, refused and slowed down. */
export class SessionsPostgres {
  private readonly lines = new Set<Socket>();
  private readonly frozen: number[] = [];
  private isAway = false;
  private delayMs = 0;

  private constructor(
    private readonly server: TestPostgres,
    private readonly admin: pg.Client,
    private readonly proxy: Server,
  ) {
    proxy.on('connection', (client) => this.relay(client));
  }

  static async start(): Promise<SessionsPostgres> {
    const server = await startTestPostgres(undefined);
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    const proxy = createServer();
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return new SessionsPostgres(server, admin, proxy);
  }

  /** An empty, migrated database behind the line; no call takes longer than `timeoutMs`. */
  async open(name: string, timeoutMs: number): Promise<OpenDatabase> {
    await this.admin.query(`create database ${name}`);
    const url = new URL(this.server.url);
    url.port = String((this.proxy.address() as AddressInfo).port);
    url.pathname = `/${name}`;
    return openDatabase({ store: { kind: 'postgres', connectionString: url.href }, timeoutMs });
  }

  async stop(): Promise<void> {
    this.thaw();
    this.cut();
    this.proxy.close();
    await this.admin.end();
    await this.server.stop();
  }

  /** The server is gone: lines are cut, and new ones are refused. */
  leave(): void {
    this.isAway = true;
    this.cut();
  }

  comeBack(): void {
    this.isAway = false;
  }

  /** Each answer takes so much longer. */
  slowDown(ms: number): void {
    this.delayMs = ms;
  }

  /** Stops all processes of the server (SIGSTOP): connections stay up and nothing is answered. */
  async freeze(): Promise<void> {
    const folder = await this.admin.query<{ data_directory: string }>('show data_directory');
    const file = await readFile(join(folder.rows[0]!.data_directory, 'postmaster.pid'), 'utf8');
    this.signal(Number(file.split('\n')[0]), 'SIGSTOP');
    const { rows } = await this.admin.query<{ pid: number }>('select pid from pg_stat_activity');
    rows.forEach(({ pid }) => this.signal(pid, 'SIGSTOP'));
  }

  thaw(): void {
    this.frozen.splice(0).forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  private signal(pid: number, signal: 'SIGSTOP'): void {
    process.kill(pid, signal);
    this.frozen.push(pid);
  }

  private cut(): void {
    this.lines.forEach((line) => line.destroy());
  }

  private relay(client: Socket): void {
    if (this.isAway) {
      client.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(this.server.url);
    const upstream = createConnection(Number(port), hostname);
    for (const [line, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.lines.add(line);
      line.on('error', () => line.destroy());
      line.on('close', () => {
        this.lines.delete(line);
        other.destroy();
      });
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (this.delayMs > 0) {
        setTimeout(() => client.writable && client.write(data), this.delayMs);
      } else {
        client.write(data);
      }
    });
  }
}
