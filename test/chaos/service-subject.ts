import { join } from 'node:path';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type Doors, openDoor } from './doors.js';
import { SERVICE_STARTED, type Subject } from './subject.js';
import type { Line, Town } from './town.js';
import type { World } from './world.js';

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

  constructor({ simulator, database, estate: { folder }, logs }: World, dist: string) {
    this.simulator = simulator;
    this.args = [join(import.meta.dirname, '../..', dist, 'main.js')];
    this.environment = {
      NODE_ENV: 'test',
      DATA_DIR: join(folder, 'data'),
      LOG_FILE: logs.file,
      LOG_LEVEL: 'info',
      SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
      ...database.environment,
    };
  }

  async link(doors: Doors, town: Town): Promise<void> {
    for (const line of town.lines) {
      const { instance } = await call<{ instance: { id: string } }>(
        `${openDoor(doors)}/api/whatsapp/instances`,
        {
          organization_id: line.organization,
          instance_name: line.owner.name,
          phone_number: line.owner.number,
        },
      );
      line.id = instance.id;
    }
    await Promise.all(town.lines.map((line) => this.linkLine(doors, line)));
  }

  private async linkLine(doors: Doors, line: Line): Promise<void> {
    const { number } = line.owner;
    const ready = this.simulator.next('device.bootstrapped', ({ phone }) => phone === number, 60_000);
    const { pairingCode } = await call<{ pairingCode: string }>(
      `${openDoor(doors)}/api/whatsapp/instances/${line.id}/connect`,
      { method: 'code' },
    );
    await Promise.all([ready, line.owner.types(pairingCode)]);
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
