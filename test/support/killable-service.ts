import pg from 'pg';
import { vi } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, type ServiceHome } from './built-service.js';
import { createMigratedDatabase } from './databases.js';
import { listen } from './event-collector.js';

const PATIENCE_MS = 60_000;

/** The built service on a Postgres of its own, with one number that is linked, to be killed and started again. */
export class KillableService {
  readonly simulator: WhatsAppSimulator;
  readonly home: ServiceHome;
  readonly owner: Phone;
  instanceId = '';
  private readonly database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  private readonly pool: pg.Pool;
  private readonly environment: Record<string, string>;
  private process: BuiltService | undefined;

  private constructor(
    simulator: WhatsAppSimulator,
    home: ServiceHome,
    database: Awaited<ReturnType<typeof createMigratedDatabase>>,
    environment: Record<string, string>,
  ) {
    this.simulator = simulator;
    this.home = home;
    this.database = database;
    this.environment = environment;
    this.pool = new pg.Pool({ connectionString: database.url, max: 2 });
    this.owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  }

  /**
   * @param organizationId whose number it is
   * @param environmentIn gives more variables, as an operator would set them
   */
  static async open(
    organizationId: string,
    environmentIn: (home: ServiceHome) => Promise<Record<string, string>> = () => Promise.resolve({}),
  ): Promise<KillableService> {
    const [home, database, simulator] = await Promise.all([
      makeServiceHome(),
      createMigratedDatabase(),
      WhatsAppSimulator.start({}),
    ]);
    const service = new KillableService(simulator, home, database, await environmentIn(home));
    const { url, api } = await service.start();
    service.instanceId = await api.createInstance(organizationId, service.owner.number);
    const events = await listen(url, organizationId);
    await service.owner.types(await api.pairingCode(service.instanceId));
    await events.next('whatsapp:connected');
    events.close();
    return service;
  }

  /** The process that runs; undefined after a kill. */
  get running(): BuiltService | undefined {
    return this.process;
  }

  /** Starts it where it does not run. */
  async start(): Promise<BuiltService> {
    this.process ??= await BuiltService.start(this.home, {
      ...this.environment,
      DATABASE_URL: this.database.url,
      WHATSAPP_WS_URL: this.simulator.url,
      WHATSAPP_ROOT_KEY: this.simulator.rootPublicKey,
    });
    return this.process;
  }

  /** Starts it where it does not run. @returns once its number is on line */
  async online(): Promise<void> {
    await this.start();
    await vi.waitUntil(() => this.owner.devices[0]?.isOnline, PATIENCE_MS);
  }

  async kill(): Promise<void> {
    const running = this.process;
    this.process = undefined;
    await running?.stop('SIGKILL');
  }

  /** @returns rows of its database */
  async sql<Row extends object>(text: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, params)).rows;
  }

  /** Kills it, and takes everything away. */
  async close(): Promise<void> {
    await this.kill();
    await this.pool.end();
    await this.simulator.stop();
    await this.database.drop();
    await this.home.remove();
  }
}
