import { BuiltService, makeServiceHome, type ServiceHome } from '../../support/built-service.js';
import type { ProcessStore } from '../../support/store-under-test.js';

const EVENT_LIMIT_MS = 60_000;

export interface StoredEvent {
  name: string;
  sequence: number;
  payload: Record<string, unknown>;
}

/** The built service with the simulated network, and a browser's way to it. */
export class ConsoleService {
  private readonly home: ServiceHome;
  private readonly store: ProcessStore | undefined;
  readonly service: BuiltService;

  private constructor(home: ServiceHome, store: ProcessStore | undefined, service: BuiltService) {
    this.home = home;
    this.store = store;
    this.service = service;
  }

  static async start(environment: Record<string, string> = {}): Promise<ConsoleService> {
    const home = await makeServiceHome();
    const store = await storeFor(home, environment);
    const service = await BuiltService.start(home, {
      WHATSAPP_SIMULATOR: 'true',
      ...store?.environment,
      ...environment,
    });
    return new ConsoleService(home, store, service);
  }

  /** Under a name, not by number, as people have it. */
  get url(): string {
    return this.service.url.replace('[::1]', 'localhost');
  }

  /** Moves phones of the simulated network. */
  async phones<T>(method: 'GET' | 'POST', path: string, body?: object, token?: string): Promise<T> {
    return this.call<T>(method, `/api/simulator${path}`, body, token);
  }

  async call<T>(method: string, path: string, body?: object, token?: string): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T;
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    }
    return answer;
  }

  /**
   * Makes an organization with a number, linked to a simulated phone.
   * @param token of an administrator, where people sign in
   * @returns the number's id
   */
  async linkedNumber(
    organizationId: string,
    phoneNumber: string,
    name = 'Main number',
    token?: string,
  ): Promise<string> {
    // Without a phone of that number there is nobody to give a code to.
    await this.phones('POST', '/phones', { number: phoneNumber, name }, token);
    const made = { organization_id: organizationId, instance_name: name, phone_number: phoneNumber };
    const { instance } = await this.call<{ instance: { id: string } }>(
      'POST',
      '/api/whatsapp/instances',
      made,
      token,
    );
    const path = `/api/whatsapp/instances/${instance.id}`;
    const { pairingCode } = await this.call<{ pairingCode: string }>(
      'POST',
      `${path}/connect`,
      { method: 'code' },
      token,
    );
    await this.phones('POST', `/phones/${phoneNumber}/type-code`, { code: pairingCode }, token);
    await this.connected(organizationId, instance.id, token);
    return instance.id;
  }

  /** Waits until a number is on line. */
  private async connected(organizationId: string, instanceId: string, token?: string): Promise<void> {
    await this.event(
      organizationId,
      ({ name, payload }) => name === 'whatsapp:connected' && payload['instanceId'] === instanceId,
      token,
    );
  }

  /** Waits for a stored event, from the first one on. @returns the event. @throws Error where it does not come */
  async event(
    organizationId: string,
    isWanted: (event: StoredEvent) => boolean,
    token?: string,
  ): Promise<StoredEvent> {
    const end = Date.now() + EVENT_LIMIT_MS;
    for (let after = 0; Date.now() < end;) {
      const { events } = await this.call<{ events: StoredEvent[] }>(
        'GET',
        `/api/events?organization_id=${organizationId}&after=${after}&wait=10`,
        undefined,
        token,
      );
      const found = events.find(isWanted);
      if (found !== undefined) {
        return found;
      }
      after = events.at(-1)?.sequence ?? after;
    }
    throw new Error('the event did not come');
  }

  /** Closes what there is, so that the page begins anew. */
  async closeOrganizations(): Promise<void> {
    const { organizations } = await this.call<{ organizations: { id: string; closed_at: string | null }[] }>(
      'GET',
      '/api/organizations?limit=100',
    );
    for (const { id } of organizations.filter(({ closed_at }) => closed_at === null)) {
      await this.call('DELETE', `/api/organizations/${id}`);
    }
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.store?.close();
    await this.home.remove();
  }
}

/** @returns where it keeps its data in a test; a benchmark, which starts it as well, has its embedded database */
async function storeFor(
  { dataDir }: ServiceHome,
  environment: Record<string, string>,
): Promise<ProcessStore | undefined> {
  if (!process.env['VITEST']) {
    return undefined;
  }
  const { storeOfProcess } = await import('../../support/store-under-test.js');
  return storeOfProcess(dataDir, environment);
}
