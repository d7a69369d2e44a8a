import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosDatabase } from './database.js';
import type { ChaosOptions } from './options.js';
import type { Recoveries } from './recoveries.js';
import type { Supervisor } from './supervisor.js';

/**
 * Faults without a kill, then a long outage of the database, all under load: the process must come back by itself.
 * @returns what could not be done here
 */
export async function surviveWithoutRestart(parts: {
  options: ChaosOptions;
  database: ChaosDatabase;
  supervisor: Supervisor;
  recoveries: Recoveries;
  interrupt: AbortSignal;
  progress: (line: string) => void;
  endMayhem: () => Promise<void>;
}): Promise<string[]> {
  const { options, database, recoveries, interrupt, progress } = parts;
  progress(`${options.survive} s of faults without a restart`);
  await delay(options.survive * 1000, undefined, { signal: interrupt });
  await parts.endMayhem();
  if (options.outage === 0) {
    return [];
  }
  if (!database.server) {
    return ['database outage: there is no server of ours to stop'];
  }
  progress(`${options.outage} s without the database`);
  await database.server.stopImmediately();
  await delay(options.outage * 1000, undefined, { signal: interrupt });
  await database.server.start();
  recoveries.expect('database outage');
  return [];
}
