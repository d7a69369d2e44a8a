import { randomBytes } from 'node:crypto';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { ApiClient } from '../support/api-client.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { freePort } from '../support/free-port.js';
import { type ProcessStore, storeOfProcess } from '../support/store-under-test.js';

const ADMIN_KEY = randomBytes(24).toString('hex');

/** The built service that asks everybody for a key, and an organization with one number that is linked, for integrations to work with. */
export class Business {
  readonly organizationId = 'org_integrated';
  readonly api: ApiClient;
  instanceId = '';

  private constructor(
    readonly simulator: WhatsAppSimulator,
    private readonly home: ServiceHome,
    private readonly store: ProcessStore,
    private readonly environment: Record<string, string>,
    private service: BuiltService,
    readonly owner: Phone,
    readonly ana: Phone,
  ) {
    this.api = new ApiClient(service.url, { authorization: `Bearer ${ADMIN_KEY}` });
  }

  static async open(): Promise<Business> {
    const [simulator, home, port] = await Promise.all([
      WhatsAppSimulator.start({}),
      makeServiceHome(),
      freePort(),
    ]);
    const store = await storeOfProcess(home.dataDir);
    const environment = {
      AUTH_MODE: 'required',
      ADMIN_API_KEY: ADMIN_KEY,
      PORT: String(port),
      OUTSIDE_URLS_ALLOW: '127.0.0.1',
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
      ...store.environment,
    };
    const service = await BuiltService.start(home, environment);
    const owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    const ana = simulator.addPhone({ number: '5521988776655', name: 'Ana' });
    const business = new Business(simulator, home, store, environment, service, owner, ana);
    await business.link();
    return business;
  }

  get url(): string {
    return this.service.url;
  }

  /** @returns an API key of the organization */
  async key(...scopes: ('read' | 'send' | 'manage')[]): Promise<string> {
    const path = `/api/organizations/${this.organizationId}/api-keys`;
    const { status, body } = await this.api.call<{ key: string }>('POST', path, {
      name: 'Integration',
      scopes,
    });
    if (status !== 201 && status !== 200) {
      throw new Error(`no key: ${status} ${JSON.stringify(body)}`);
    }
    return body.key;
  }

  /** @returns the rows of a list of the organization */
  async list<Row>(name: string, query = ''): Promise<Row[]> {
    const path = `/api/${name}?organization_id=${this.organizationId}&limit=100${query}`;
    const { body } = await this.api.call<Record<string, Row[]>>('GET', path);
    return body[name]!;
  }

  /** Ends the service as a crash would. */
  async kill(): Promise<void> {
    await this.service.stop('SIGKILL');
  }

  /** Has it come back where it was. */
  async revive(): Promise<void> {
    this.service = await BuiltService.start(this.home, this.environment);
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.simulator.stop();
    await this.store.close();
    await this.home.remove();
  }

  private async link(): Promise<void> {
    await this.api.call('POST', '/api/organizations', { id: this.organizationId });
    this.instanceId = await this.api.createInstance(this.organizationId, this.owner.number);
    await this.owner.types(await this.api.pairingCode(this.instanceId));
    for (;;) {
      const { body } = await this.api.call<{ instance: { status: string } }>(
        'GET',
        `/api/whatsapp/instances/${this.instanceId}`,
      );
      if (body.instance.status === 'connected') {
        return;
      }
    }
  }
}
