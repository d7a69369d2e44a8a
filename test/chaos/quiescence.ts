import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosDatabase } from './database.js';
import type { Subject } from './subject.js';
import type { Population } from './population.js';
import type { PhoneMessages } from './phone-messages.js';

const LOOK_EVERY_MS = 200;

/**
 * Waits until nothing moves any more: every message confirmed, every row processed, every send resolved.
 * @param patience seconds without any progress after which it gives up
 * @returns what is still open when the time is up; empty when all is quiet
 */
export async function quiescence(
  population: Population,
  phoneMessages: PhoneMessages,
  database: ChaosDatabase,
  subject: Subject,
  patience: number,
  interrupt: AbortSignal,
): Promise<string[]> {
  let before: string[] = [];
  let movedAt = performance.now();
  for (;;) {
    const open = [...unconfirmed(population, phoneMessages), ...(await unprocessed(database, subject))];
    const isMoving = subject.comesToRest && open.join() !== before.join();
    movedAt = isMoving ? performance.now() : movedAt;
    if (open.length === 0 || performance.now() - movedAt > patience * 1000) {
      return open;
    }
    before = open;
    await delay(LOOK_EVERY_MS, undefined, { signal: interrupt });
  }
}

function unconfirmed(population: Population, phoneMessages: PhoneMessages): string[] {
  const waiting = phoneMessages.unconfirmed.size;
  return [
    ...(waiting > 0 ? [`${waiting} messages not confirmed`] : []),
    ...(population.pending > 0 ? [`${population.pending} stanzas not answered`] : []),
  ];
}

async function unprocessed(database: ChaosDatabase, subject: Subject): Promise<string[]> {
  if (subject.workQuery === undefined) {
    return [];
  }
  try {
    const [row] = await database.query<Record<'pending' | 'unresolved' | 'offline', number | string>>(
      subject.workQuery,
    );
    const { pending = 0, unresolved = 0, offline = 0 } = row ?? {};
    return [
      ...(Number(pending) > 0 ? [`${pending} rows not processed`] : []),
      ...(Number(offline) > 0 ? [`${offline} numbers not shown as connected`] : []),
      ...(Number(unresolved) > 0 ? [`${unresolved} sends not resolved`] : []),
    ];
  } catch (error) {
    return [`database: ${String(error)}`];
  }
}
