import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silenceLibsignal } from '../../src/simulator/silence-libsignal.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type ChaosDatabase, type DatabaseChoice, openChaosDatabase } from './database.js';
import { RunResources } from './run-resources.js';
import { LogVolume } from './log-volume.js';
import { Timeline } from './timeline.js';

/** Copies at phones that the simulated network remembers, for the comparison of sends: some 40 for each kill. */
const LEDGER_LIMIT = 200_000;
/** Nobody reads the phones' own lists. */
const INBOX_LIMIT = 1_000;

/** What a run has around the subject of the test. */
export interface Harness {
  resources: RunResources;
  simulator: WhatsAppSimulator;
  database: ChaosDatabase;
  logs: LogVolume;
  timeline: Timeline;
}

/**
 * @param work done in a harness of its own, which is gone afterwards
 * @returns what the work returned
 */
export async function withHarness<Result>(
  options: DatabaseChoice & { seed: string },
  work: (harness: Harness) => Promise<Result>,
): Promise<Result> {
  const unsilence = silenceLibsignal();
  const resources = await RunResources.open();
  let simulator: WhatsAppSimulator | undefined;
  let database: ChaosDatabase | undefined;
  try {
    simulator = await WhatsAppSimulator.start({
      seed: options.seed,
      ledgerLimit: LEDGER_LIMIT,
      inboxLimit: INBOX_LIMIT,
    });
    database = await openChaosDatabase(resources, options);
    const timeline = new Timeline(join(resources.folder, 'timeline.jsonl'));
    const logs = await LogVolume.make(resources);
    return await work({ resources, simulator, database, logs, timeline });
  } finally {
    try {
      await database?.close();
    } finally {
      await resources.close();
      await simulator?.stop();
      // libsignal may still have work in hand for messages that are being sealed.
      await delay(0);
      unsilence();
    }
  }
}
