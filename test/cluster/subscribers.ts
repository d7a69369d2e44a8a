import { setTimeout as delay } from 'node:timers/promises';
import { compareEvents } from './compare-events.js';
import type { ChaosDatabase } from '../chaos/database.js';
import type { Findings } from '../chaos/findings.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import type { Node } from './cluster-processes.js';

const LOOK_EVERY_MS = 100;

interface Subscriber {
  node: string;
  organization: string;
  collector: EventCollector;
}

/** An application of each organization on each node, which listens to events. */
export class Subscribers {
  private readonly all: Subscriber[];

  private constructor(all: Subscriber[]) {
    this.all = all;
  }

  static async join(nodes: readonly Node[], organizations: readonly string[]): Promise<Subscribers> {
    const all: Subscriber[] = [];
    for (const { name, supervisor } of nodes) {
      for (const organization of organizations) {
        all.push({ node: name, organization, collector: await listen(supervisor.url!, organization) });
      }
    }
    return new Subscribers(all);
  }

  /**
   * Compares what each heard with the events that are stored, in the order of their sequence.
   * @param patience seconds in which the last ones may still come
   * @returns how many events were heard
   */
  async judge(database: ChaosDatabase, findings: Findings, patience: number): Promise<number> {
    const stored = await database.query<{ organization_id: string; text: string }>(
      `select organization_id, payload ->> 'text' as text from events where name = 'whatsapp:message'
        order by organization_id, sequence`,
    );
    let heard = 0;
    for (const { node, organization, collector } of this.all) {
      const expected = stored
        .filter((event) => event.organization_id === organization)
        .map(({ text }) => text);
      const deadline = performance.now() + patience * 1000;
      while (collector.all('whatsapp:message').length < expected.length && performance.now() < deadline) {
        await delay(LOOK_EVERY_MS);
      }
      const told = collector.all('whatsapp:message').map(({ text }) => text);
      compareEvents(expected, told, { node, organization }, findings);
      heard += told.length;
    }
    return heard;
  }

  close(): void {
    this.all.forEach(({ collector }) => collector.close());
  }
}
