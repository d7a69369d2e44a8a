import { join } from 'node:path';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type ServiceEndpoint, reachableUrl } from './service-endpoint.js';
import type { ChaosOptions } from './options.js';
import { SERVICE_STARTED, type Subject } from './subject.js';
import type { LinkedNumber, Population } from './population.js';
import type { Harness } from './harness.js';

/** The built service. */
export class ServiceSubject implements Subject {
  readonly label = 'the service';
  readonly name: string = 'subject';
  readonly announcement = SERVICE_STARTED;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
  readonly receivedTable = 'public.inbox';
  readonly workQuery = `select (select count(*) from inbox where state = 0) as pending,
    (select count(*) from messages where direction = 'outbound' and status in ('pending', 'unknown')) as unresolved,
    (select count(*) from whatsapp_instances where status <> 'connected' and deleted_at is null)
      as offline`;
  readonly comesToRest = true;
  readonly takesKeys = true;
  private readonly simulator: WhatsAppSimulator;

  constructor(
    { simulator, database, resources: { folder }, logs }: Harness,
    { dist, fastReceive }: Pick<ChaosOptions, 'dist' | 'fastReceive'>,
  ) {
    this.simulator = simulator;
    this.args = [join(import.meta.dirname, '../..', dist, 'main.js')];
    this.environment = {
      NODE_ENV: 'test',
      DATA_DIR: join(folder, 'data'),
      LOG_FILE: logs.file,
      LOG_LEVEL: 'info',
      FAST_RECEIVE: fastReceive,
      SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
      ...database.environment,
    };
  }

  async link(endpoint: ServiceEndpoint, population: Population): Promise<void> {
    for (const linkedNumber of population.linkedNumbers) {
      const { instance } = await call<{ instance: { id: string } }>(
        `${reachableUrl(endpoint)}/api/whatsapp/instances`,
        {
          organization_id: linkedNumber.organization,
          instance_name: linkedNumber.owner.name,
          phone_number: linkedNumber.owner.number,
        },
      );
      linkedNumber.id = instance.id;
    }
    await Promise.all(
      population.linkedNumbers.map((linkedNumber) => this.linkNumber(endpoint, linkedNumber)),
    );
  }

  private async linkNumber(endpoint: ServiceEndpoint, linkedNumber: LinkedNumber): Promise<void> {
    const { number } = linkedNumber.owner;
    const ready = this.simulator.next('device.bootstrapped', ({ phone }) => phone === number, 60_000);
    const { pairingCode } = await call<{ pairingCode: string }>(
      `${reachableUrl(endpoint)}/api/whatsapp/instances/${linkedNumber.id}/connect`,
      { method: 'code' },
    );
    await Promise.all([ready, linkedNumber.owner.types(pairingCode)]);
  }
}

async function call<Body>(url: string, body: object): Promise<Body> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: ${text}`);
  }
  return JSON.parse(text) as Body;
}
