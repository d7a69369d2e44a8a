import { join } from 'node:path';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { StoredItem } from './compare-messages.js';
import type { ChaosDatabase } from './database.js';
import { type ServiceEndpoint, reachableUrl } from './service-endpoint.js';
import { SERVICE_STARTED, type Subject } from './subject.js';
import type { LinkedNumber, Population } from './population.js';

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

  async link(endpoint: ServiceEndpoint, population: Population): Promise<void> {
    population.linkedNumbers.forEach((linkedNumber, place) => (linkedNumber.id = `plain-${place}`));
    await Promise.all(
      population.linkedNumbers.map((linkedNumber) => this.linkNumber(reachableUrl(endpoint), linkedNumber)),
    );
  }

  private async linkNumber(url: string, linkedNumber: LinkedNumber): Promise<void> {
    const { number } = linkedNumber.owner;
    const ready = this.simulator.next('device.bootstrapped', ({ phone }) => phone === number, 60_000);
    const response = await fetch(`${url}/link/${linkedNumber.id}`, {
      method: 'POST',
      signal: AbortSignal.timeout(60_000),
    });
    const { qr } = (await response.json()) as { qr: string };
    await Promise.all([ready, linkedNumber.owner.scans(qr)]);
  }
}

/** What the plain handler stored, in its order. */
export function readPlainMessages(database: ChaosDatabase): Promise<StoredItem[]> {
  return database.query(`select instance_id, content from plain_messages order by position`);
}
