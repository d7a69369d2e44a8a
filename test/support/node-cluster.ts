import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { BuiltService, environmentOf, makeServiceHome, type ServiceHome } from './built-service.js';
import { BuiltWorker } from './built-worker.js';
import { listen } from './event-collector.js';
import { PgBouncer } from './pgbouncer.js';
import { type SharedStore, startSharedStore } from './store-under-test.js';

export const ORGANIZATION = 'org_123';
const LEASE_SECONDS = 5;

/** Several processes of the built service on one database, with the simulated network. */
export class NodeCluster {
  private readonly homes = new Map<string, ServiceHome>();
  private readonly nodes = new Map<string, BuiltService | BuiltWorker>();

  private constructor(
    readonly simulator: WhatsAppSimulator,
    private readonly store: SharedStore,
    private readonly admin: pg.Client,
    private readonly pooler: PgBouncer | undefined,
  ) {}

  /** @param options.isPooled whether the nodes reach a Postgres through a pooler in transaction mode */
  static async start({ isPooled = false } = {}): Promise<NodeCluster> {
    const [simulator, store] = await Promise.all([WhatsAppSimulator.start({}), startSharedStore()]);
    const admin = new pg.Client({ connectionString: store.url });
    await admin.connect();
    const pooler = isPooled ? await PgBouncer.start(store.url) : undefined;
    return new NodeCluster(simulator, store, admin, pooler);
  }

  /** The database, for its superuser. */
  get databaseUrl(): string {
    return this.store.url;
  }

  /** What each process is told about the database. */
  get storeEnvironment(): Record<string, string> {
    return this.store.environment;
  }

  /** @param name its node id */
  async add(name: string, environment: Record<string, string> = {}): Promise<BuiltService> {
    const home = await this.homeOf(name);
    const node = await BuiltService.start(home, { ...this.environment(name), ...environment });
    this.nodes.set(name, node);
    return node;
  }

  /** A worker in a process of its own, over Redis. */
  async addWorker(name: string, environment: Record<string, string>): Promise<void> {
    const home = await this.homeOf(name);
    const variables = { ...environmentOf(home), ...this.environment(name), ...environment };
    this.nodes.set(name, await BuiltWorker.start(variables));
  }

  /** @returns a service that was added, and not ended */
  node(name: string): BuiltService {
    return this.nodes.get(name) as BuiltService;
  }

  /** Ends a node. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const node = this.nodes.get(name);
    this.nodes.delete(name);
    await node?.stop(signal);
  }

  async stop(): Promise<void> {
    try {
      await Promise.all([...this.nodes.keys()].map((name) => this.end(name, 'SIGKILL')));
    } finally {
      await this.simulator.stop();
      await this.admin.end();
      await this.pooler?.stop();
      await this.store.stop();
      await Promise.all([...this.homes.values()].map((home) => home.remove()));
    }
  }

  /** @returns what a node logged */
  log(name: string): Promise<string> {
    return readFile(this.homes.get(name)!.logFile, 'utf8');
  }

  async sql<Row extends Record<string, unknown>>(text: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.admin.query<Row>(text, params)).rows;
  }

  /** @returns the id of an instance that was linked through this node */
  async link(node: BuiltService, phone: Phone): Promise<string> {
    const id = await node.api.createInstance(ORGANIZATION, phone.number);
    const events = await listen(node.url, ORGANIZATION);
    await phone.types(await node.api.pairingCode(id));
    await events.next('whatsapp:connected', ({ instanceId }) => instanceId === id);
    events.close();
    return id;
  }

  /** @returns the owner of each instance whose lease holds */
  async owners(): Promise<Record<string, string>> {
    const rows = await this.sql<{ id: string; lease_owner: string }>(
      'select id, lease_owner from whatsapp_instances where lease_owner is not null and lease_expires_at > now()',
    );
    return Object.fromEntries(rows.map(({ id, lease_owner }) => [id, lease_owner]));
  }

  /** @returns how many instances each node owns */
  async shares(): Promise<Record<string, number>> {
    const shares: Record<string, number> = {};
    for (const owner of Object.values(await this.owners())) {
      shares[owner] = (shares[owner] ?? 0) + 1;
    }
    return shares;
  }

  /** A process that is started again has the home that it had. */
  private async homeOf(name: string): Promise<ServiceHome> {
    const home = this.homes.get(name) ?? (await makeServiceHome());
    this.homes.set(name, home);
    return home;
  }

  /** What a node of this name is told. */
  environment(name: string): Record<string, string> {
    return {
      NODE_ENV: 'test',
      NODE_ID: name,
      LEASE_SECONDS: String(LEASE_SECONDS),
      ...(this.pooler ? { DATABASE_URL: this.pooler.through(this.store.url) } : this.store.environment),
      SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      WHATSAPP_WS_URL: this.simulator.url,
      WHATSAPP_ROOT_KEY: this.simulator.rootPublicKey,
    };
  }
}
