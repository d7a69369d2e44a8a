import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silenceLibsignal } from '../../src/simulator/silence-libsignal.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type ChaosDatabase, type DatabaseChoice, openChaosDatabase } from './database.js';
import { Estate } from './estate.js';
import { LogPlace } from './log-place.js';
import { Timeline } from './timeline.js';

/** Copies at phones that the simulated network remembers, for the comparison of sends: some 40 for each kill. */
const LEDGER_LIMIT = 200_000;
/** Nobody reads the phones' own lists. */
const INBOX_LIMIT = 1_000;

/** What is around the thing that is tested. */
export interface World {
  estate: Estate;
  simulator: WhatsAppSimulator;
  database: ChaosDatabase;
  logs: LogPlace;
  timeline: Timeline;
}

/**
 * @param work done in a world of its own, which is gone afterwards
 * @returns what the work returned
 */
export async function inWorld<Result>(
  options: DatabaseChoice & { seed: string },
  work: (world: World) => Promise<Result>,
): Promise<Result> {
  const unsilence = silenceLibsignal();
  const estate = await Estate.open();
  let simulator: WhatsAppSimulator | undefined;
  let database: ChaosDatabase | undefined;
  try {
    simulator = await WhatsAppSimulator.start({
      seed: options.seed,
      ledgerLimit: LEDGER_LIMIT,
      inboxLimit: INBOX_LIMIT,
    });
    database = await openChaosDatabase(estate, options);
    const timeline = new Timeline(join(estate.folder, 'timeline.jsonl'));
    const logs = await LogPlace.make(estate);
    return await work({ estate, simulator, database, logs, timeline });
  } finally {
    try {
      await database?.close();
    } finally {
      await estate.close();
      await simulator?.stop();
      // libsignal may still have work in hand for messages that are being sealed.
      await delay(0);
      unsilence();
    }
  }
}
