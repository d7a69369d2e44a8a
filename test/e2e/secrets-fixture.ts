import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { ApiClient } from '../support/api-client.js';
import {
  BuiltService,
  environmentOf,
  makeServiceHome,
  runToExit,
  type ServiceHome,
} from '../support/built-service.js';
import { BuiltWorker } from '../support/built-worker.js';
import type { Place } from '../support/canaries.js';
import { dumpOf, keepEveryRow } from '../support/database-dump.js';
import { claimsOf, hmac, tokenOf } from '../support/identity-provider.js';
import { filePlaces, logPlaces } from '../support/log-places.js';
import { type SharedStore, startSharedStore } from '../support/store-under-test.js';
import { TestRedis } from '../support/redis.js';
import { RedisTap } from '../support/redis-tap.js';
import { CONFIGURED } from './secrets-planted.js';

const NODES = ['node-a', 'node-b'];

const folderOf = (logFile: string) => dirname(dirname(logFile));

/** Two nodes and a worker of the built service over Postgres and Redis, and all that they leave behind. */
export class SecretsFixture {
  readonly userId: string = randomUUID();
  readonly userToken = tokenOf({ alg: 'HS256' }, claimsOf(this.userId), hmac(CONFIGURED.jwtSecret));
  nodes: BuiltService[] = [];
  private worker: BuiltWorker | undefined;
  private readonly homes = new Map<string, ServiceHome>();
  private readonly printed: Place[] = [];

  private constructor(
    readonly simulator: WhatsAppSimulator,
    readonly redis: TestRedis,
    private readonly store: SharedStore,
    private readonly admin: pg.Client,
    private readonly tap: RedisTap,
  ) {}

  static async start(): Promise<SecretsFixture> {
    const [simulator, store, redis] = await Promise.all([
      WhatsAppSimulator.start({}),
      startSharedStore(),
      TestRedis.start({ password: CONFIGURED.redisPassword }),
    ]);
    const admin = new pg.Client({ connectionString: store.url });
    await admin.connect();
    const fixture = new SecretsFixture(simulator, redis, store, admin, await RedisTap.open(redis.url));
    const first = await fixture.startNode(NODES[0]!);
    await keepEveryRow((text) => fixture.sql(text));
    const [second, worker] = await Promise.all([
      fixture.startNode(NODES[1]!),
      fixture
        .home('worker')
        .then((home) => BuiltWorker.start({ ...fixture.environment, ...environmentOf(home) })),
    ]);
    fixture.nodes = [first, second];
    fixture.worker = worker;
    return fixture;
  }

  /** What every process is started with. */
  get environment(): Record<string, string> {
    return {
      NODE_ENV: 'test',
      AUTH_MODE: 'required',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'trace',
      LEASE_SECONDS: '5',
      RUN_WORKER: 'false',
      RATE_LIMIT_FAILED_AUTH: '10',
      ...(this.store.project === undefined ? { DATABASE_URL: this.databaseUrl } : this.store.environment),
      REDIS_URL: this.redis.url,
      SESSION_ENCRYPTION_KEY: CONFIGURED.encryptionKey.toString('base64'),
      ADMIN_API_KEY: CONFIGURED.adminKey,
      SUPABASE_JWT_SECRET: CONFIGURED.jwtSecret,
      WHATSAPP_WS_URL: this.simulator.url,
      WHATSAPP_ROOT_KEY: this.simulator.rootPublicKey,
    };
  }

  /** With a password, which this server does not ask for. */
  get databaseUrl(): string {
    const url = new URL(this.store.url);
    url.password = CONFIGURED.databasePassword;
    return url.href;
  }

  /** @param token none for a caller who has none */
  caller(token: string | undefined, node = 0): ApiClient {
    return new ApiClient(
      this.nodes[node]!.url,
      token === undefined ? {} : { authorization: `Bearer ${token}` },
    );
  }

  async sql<Row extends Record<string, unknown>>(text: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.admin.query<Row>(text, params)).rows;
  }

  /** Cuts all lines of the service to its database, and lets nobody in until the work is done. */
  async withoutDatabase(work: () => Promise<void>): Promise<void> {
    const elsewhere = new URL(this.store.url);
    elsewhere.pathname = '/template1';
    const other = new pg.Client({ connectionString: elsewhere.href });
    await other.connect();
    try {
      const name = new URL(this.store.url).pathname.slice(1);
      await other.query(`alter database ${name} allow_connections false`);
      await this.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await work();
    } finally {
      await other.query(`alter database ${new URL(this.store.url).pathname.slice(1)} allow_connections true`);
      await other.end();
    }
  }

  /** Takes note of what a process wrote besides its log. */
  noteConsole(name: string, output: string): void {
    this.printed.push(...logPlaces(`console of ${name}`, output));
  }

  /** Runs a command of the administrator's. @returns what it printed */
  async command(name: string, ...args: string[]): Promise<string> {
    const keys =
      name === 'rotate-keys' ? [CONFIGURED.nextEncryptionKey, CONFIGURED.encryptionKey] : undefined;
    const environment = {
      ...this.environment,
      ...(keys && { SESSION_ENCRYPTION_KEY: keys.map((key) => key.toString('base64')).join(',') }),
    };
    const { code, output } = await runToExit('admin-cli.js', environment, [name, ...args]);
    if (code !== 0) {
      throw new Error(`${name} ended with ${code}: ${output}`);
    }
    this.printed.push({ name: `output of admin ${name}`, bytes: Buffer.from(output) });
    return output;
  }

  /** A home of its own for a process, which is looked through in the end. */
  async home(name: string): Promise<ServiceHome> {
    const home = await makeServiceHome();
    this.homes.set(name, home);
    return home;
  }

  /** Ends the processes as an operator does. */
  async end(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()));
    this.nodes.forEach((node, index) => this.noteConsole(NODES[index]!, node.output));
    this.noteConsole('worker', this.worker!.lines.join('\n'));
  }

  /** @returns everything that was written anywhere: tables, Redis, logs, files, consoles */
  async places(): Promise<Place[]> {
    const homes = await Promise.all(
      [...this.homes].map(async ([name, { logFile }]) => [
        ...logPlaces(`log of ${name}`, await readFile(logFile, 'utf8').catch(() => '')),
        ...(await filePlaces(name, folderOf(logFile), (path) => path !== logFile)),
      ]),
    );
    const dump = await dumpOf((text) => this.sql(text));
    return [...dump, ...(await this.tap.places()), ...homes.flat(), ...this.printed];
  }

  /** Writes what does not belong there into a file of the worker's home. */
  async plantInFile(path: string, text: string): Promise<void> {
    const file = join(folderOf(this.homes.get('worker')!.logFile), path);
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, `${text}\n`);
  }

  async plantInRedis(key: string, value: string): Promise<void> {
    await this.tap.say('set', key, value);
  }

  async stop(): Promise<void> {
    // What they wrote was looked through before; a finding must not keep the rest running.
    await Promise.allSettled(this.processes.map((each) => each.stop('SIGKILL')));
    this.tap.close();
    await this.simulator.stop();
    await this.redis.stop();
    await this.admin.end();
    await this.store.stop();
    await Promise.all([...this.homes.values()].map((home) => home.remove()));
  }

  private get processes(): (BuiltService | BuiltWorker)[] {
    return [...this.nodes, ...(this.worker ? [this.worker] : [])];
  }

  private async startNode(name: string): Promise<BuiltService> {
    const home = await this.home(name);
    return BuiltService.start(home, { ...this.environment, NODE_ID: name });
  }
}
