import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { ApiClient } from './api-client.js';
import { BuiltService, makeServiceHome, type ServiceHome } from './built-service.js';
import { createMigratedDatabase } from './databases.js';
import { freePort } from './free-port.js';

const PERMISSIONS = ['read', 'send', 'manage'];

/**
 * The built service as an integrator meets it: at an address that stays, with an API key of an organization, over a simulated network. It can be killed
 * and started again.
 */
export class ClientHome {
  readonly organizationId = 'org_123';
  readonly owner: Phone;
  readonly ana: Phone;
  token = '';
  private running: BuiltService | undefined;

  private constructor(
    readonly simulator: WhatsAppSimulator,
    private readonly home: ServiceHome,
    private readonly database: Awaited<ReturnType<typeof createMigratedDatabase>>,
    private readonly environment: Record<string, string>,
  ) {
    this.owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    this.ana = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  }

  /** @param environment more variables of the service */
  static async open(environment: Record<string, string> = {}): Promise<ClientHome> {
    const [simulator, home, database, port] = await Promise.all([
      WhatsAppSimulator.start({}),
      makeServiceHome(),
      createMigratedDatabase(),
      freePort(),
    ]);
    const clientHome = new ClientHome(simulator, home, database, {
      PORT: String(port),
      AUTH_MODE: 'required',
      ADMIN_API_KEY: randomBytes(24).toString('hex'),
      OUTSIDE_URLS_ALLOW: '127.0.0.1',
      DATABASE_URL: database.url,
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
      ...environment,
    });
    await clientHome.start();
    clientHome.token = await clientHome.makeKey();
    return clientHome;
  }

  get url(): string {
    return `http://127.0.0.1:${this.environment['PORT']}`;
  }

  /** As the organization's key calls. */
  get api(): ApiClient {
    return new ApiClient(this.url, { authorization: `Bearer ${this.token}` });
  }

  /** Starts the service where it does not run. */
  async start(): Promise<void> {
    this.running ??= await BuiltService.start(this.home, this.environment);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { running } = this;
    this.running = undefined;
    await running?.stop(signal);
  }

  /** Has it be away for a while. */
  async restart(signal: NodeJS.Signals, awayMs: number): Promise<void> {
    await this.stop(signal);
    await delay(awayMs);
    await this.start();
  }

  /** Links the owner's phone. @returns the instance's id */
  async link(): Promise<string> {
    const id = await this.api.createInstance(this.organizationId, this.owner.number);
    await this.owner.types(await this.api.pairingCode(id));
    for (;;) {
      const { body } = await this.api.call<{ instance: { status: string } }>(
        'GET',
        `/api/whatsapp/instances/${id}`,
      );
      if (body.instance.status === 'connected') {
        return id;
      }
    }
  }

  /** Has events go, as retention does it, up to a sequence. */
  async forgetEvents(until: number): Promise<void> {
    const sql = new pg.Client({ connectionString: this.database.url });
    await sql.connect();
    await sql.query('delete from events where sequence <= $1', [until]);
    await sql.end();
  }

  /** Kills it, and takes everything away. */
  async close(): Promise<void> {
    await this.stop('SIGKILL');
    await this.simulator.stop();
    await this.database.drop();
    await this.home.remove();
  }

  private async makeKey(): Promise<string> {
    const admin = new ApiClient(this.url, {
      authorization: `Bearer ${this.environment['ADMIN_API_KEY']}`,
    });
    await admin.call('POST', '/api/organizations', { id: this.organizationId, name: 'Clínica Sol' });
    const { status, body } = await admin.call<{ key: string }>(
      'POST',
      `/api/organizations/${this.organizationId}/api-keys`,
      { name: 'Integration', scopes: PERMISSIONS },
    );
    if (status !== 200) {
      throw new Error(`no key: ${JSON.stringify(body)}`);
    }
    return body.key;
  }
}
