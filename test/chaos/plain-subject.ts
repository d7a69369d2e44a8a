import { join } from 'node:path';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { StoredItem } from './compare-messages.js';
import type { ChaosDatabase } from './database.js';
import { type Doors, openDoor } from './doors.js';
import { SERVICE_STARTED, type Subject } from './subject.js';
import type { Line, Town } from './town.js';

/** A plain Baileys handler, as gateways are usually written: it stores a message when it is told of it. */
export class PlainSubject implements Subject {
  readonly label = 'a plain handler';
  readonly name = 'subject';
  readonly announcement = SERVICE_STARTED;
  readonly args = [join(import.meta.dirname, 'plain-handler.ts')];
  readonly environment: Record<string, string>;
  readonly receivedTable = 'plain_messages';
  readonly workQuery = undefined;
  readonly comesToRest = false;
  readonly takesKeys = false;
  private readonly simulator: WhatsAppSimulator;

  constructor(simulator: WhatsAppSimulator, database: ChaosDatabase, folder: string) {
    this.simulator = simulator;
    this.environment = {
      SESSIONS_FOLDER: join(folder, 'sessions'),
      WHATSAPP_WS_URL: simulator.url,
      ...database.environment,
    };
  }

  async link(doors: Doors, town: Town): Promise<void> {
    town.lines.forEach((line, place) => (line.id = `plain-${place}`));
    await Promise.all(town.lines.map((line) => this.linkLine(openDoor(doors), line)));
  }

  private async linkLine(url: string, line: Line): Promise<void> {
    const { number } = line.owner;
    const ready = this.simulator.next('device.bootstrapped', ({ phone }) => phone === number, 60_000);
    const response = await fetch(`${url}/link/${line.id}`, {
      method: 'POST',
      signal: AbortSignal.timeout(60_000),
    });
    const { qr } = (await response.json()) as { qr: string };
    await Promise.all([ready, line.owner.scans(qr)]);
  }
}

/** What the plain handler stored, in its order. */
export function readPlainMessages(database: ChaosDatabase): Promise<StoredItem[]> {
  return database.query(`select instance_id, content from plain_messages order by position`);
}
