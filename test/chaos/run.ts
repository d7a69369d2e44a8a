import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silenceLibsignal } from '../../src/simulator/silence-libsignal.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { openChaosDatabase } from './database.js';
import { Estate } from './estate.js';
import type { ChaosOptions } from './options.js';
import { Round } from './round.js';
import type { RoundResult } from './round-parts.js';
import { Timeline } from './timeline.js';

/** Copies at phones that the simulated network remembers, for the comparison of sends: some 40 for each kill. */
const LEDGER_LIMIT = 200_000;
/** Nobody reads the phones' own lists. */
const INBOX_LIMIT = 1_000;

/**
 * One round in an estate of its own, which is gone afterwards.
 * @param progress told in a line what goes on
 * @param interrupt ends it early, without a result
 */
export async function runChaos(
  options: ChaosOptions,
  progress: (line: string) => void,
  interrupt: AbortSignal,
): Promise<RoundResult> {
  const unsilence = silenceLibsignal();
  const estate = await Estate.open();
  let simulator: WhatsAppSimulator | undefined;
  try {
    simulator = await WhatsAppSimulator.start({
      seed: options.seed,
      ledgerLimit: LEDGER_LIMIT,
      inboxLimit: INBOX_LIMIT,
    });
    const database = await openChaosDatabase(estate, options);
    const timeline = new Timeline(join(estate.folder, 'timeline.jsonl'));
    const round = new Round({ options, estate, simulator, database, timeline, progress, interrupt });
    return await round.run();
  } finally {
    await estate.close();
    await simulator?.stop();
    // libsignal may still have work in hand for messages that are being sealed.
    await delay(0);
    unsilence();
  }
}
