import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosDatabase } from './database.js';
import type { ChaosOptions } from './options.js';
import type { Recoveries } from './recoveries.js';
import type { Supervisor } from './supervisor.js';

/**
 * Faults without a kill, then a disk that is full for long and a long outage of the database, all under load: the process must
 * come back by itself.
 * @returns what could not be done here
 */
export async function checkSelfRecovery(parts: {
  options: ChaosOptions;
  database: ChaosDatabase;
  supervisor: Supervisor;
  recoveries: Recoveries;
  interrupt: AbortSignal;
  progress: (line: string) => void;
  endFaults: () => Promise<void>;
}): Promise<string[]> {
  const { options, interrupt, progress } = parts;
  progress(`${options.survive} s of faults without a restart`);
  await delay(options.survive * 1000, undefined, { signal: interrupt });
  await parts.endFaults();
  return [...(await fillDisk(parts)), ...(await stopDatabase(parts))];
}

type Parts = Parameters<typeof checkSelfRecovery>[0];

async function fillDisk({ options, database, recoveries, interrupt, progress }: Parts): Promise<string[]> {
  const { disk, server } = database;
  if (options.full === 0) {
    return [];
  }
  if (!disk) {
    return ['full disk: there is none of ours to fill'];
  }
  progress(`${options.full} s with a full disk`);
  await disk.fill();
  try {
    await delay(options.full * 1000, undefined, { signal: interrupt });
  } finally {
    disk.free();
  }
  if (server && !server.isRunning) {
    await server.start();
  }
  recoveries.expect('full disk');
  return [];
}

async function stopDatabase({
  options,
  database,
  recoveries,
  interrupt,
  progress,
}: Parts): Promise<string[]> {
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
