import type { Bed } from './bed.js';
import { inboxCount } from './databases.js';
import { measureMemory, type SubjectMemory } from './memory.js';
import type { BenchOptions } from './options.js';
import { aimsOf, type BenchReport } from './report.js';
import { measureSpeed } from './speed.js';
import type { Stage } from './stage.js';
import { surroundingsOf } from './surroundings.js';

/** Measures all subjects side by side: speed with some sessions each, and memory with idle ones. */
export async function compare(stage: Stage, options: BenchOptions): Promise<BenchReport> {
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > options.budgetMs;
  const { subjects: names, databaseUrl } = options;
  const { say } = stage;
  const needsPostgres = names.some((name) => name === 'session' || name === 'service');
  await stage.open({ needsPostgres, databaseUrl });

  const speed: BenchReport['speed'] = [];
  for (const sessions of options.sessions) {
    say(`${sessions} sessions: linking`);
    const bed = await stage.openBed(names, sessions);
    await bed.link(0, sessions);
    await bed.settle();
    const subjects = await measureSpeed(bed, { ...options, isLate, onProgress: say });
    speed.push({ sessions, subjects });
    await checkNothingIsMissing(bed);
    await stage.closeBed(bed);
  }
  let memory: SubjectMemory[] = [];
  if (options.idle.length > 0 && isLate()) {
    say('idle sessions: time is up');
  } else if (options.idle.length > 0) {
    say('idle sessions');
    const bed = await stage.openBed(names, 0);
    memory = await measureMemory(bed, options.idle, say);
    await stage.closeBed(bed);
  }
  const database = needsPostgres ? await stage.describeDatabase() : undefined;
  const found = { ...surroundingsOf(database), speed, memory };
  return { ...found, aims: aimsOf(found), seconds: Math.round((performance.now() - startedAt) / 1_000) };
}

/** A fast service that loses messages would be no service. */
async function checkNothingIsMissing(bed: Bed): Promise<void> {
  for (const { name, databaseUrl } of bed.subjects) {
    if (databaseUrl !== undefined) {
      const stored = await inboxCount(databaseUrl);
      const written = bed.writtenTo(name);
      if (stored < written) {
        throw new Error(`${name} stored ${stored} of ${written} messages`);
      }
    }
  }
}
