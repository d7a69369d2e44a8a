import type { Fixture } from './fixture.js';
import { inboxCount } from './databases.js';
import { measureMemory, type SubjectMemory } from './memory.js';
import type { BenchOptions } from './options.js';
import { aimsOf, type BenchReport } from './report.js';
import { measureSpeed } from './speed.js';
import type { BenchEnvironment } from './bench-environment.js';
import { environmentInfo } from './environment-info.js';

/** Measures all subjects side by side: speed with some sessions each, and memory with idle ones. */
export async function compare(bench: BenchEnvironment, options: BenchOptions): Promise<BenchReport> {
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > options.budgetMs;
  const { subjects: names, databaseUrl } = options;
  const { say } = bench;
  const needsPostgres = names.some((name) => name === 'session' || name === 'service');
  await bench.open({ needsPostgres, databaseUrl });

  const speed: BenchReport['speed'] = [];
  for (const sessions of options.sessions) {
    say(`${sessions} sessions: linking`);
    const fixture = await bench.openFixture(names, sessions);
    await fixture.link(0, sessions);
    await fixture.settle();
    const subjects = await measureSpeed(fixture, { ...options, isLate, onProgress: say });
    speed.push({ sessions, subjects });
    await checkNothingIsMissing(fixture);
    await bench.closeFixture(fixture);
  }
  let memory: SubjectMemory[] = [];
  if (options.idle.length > 0 && isLate()) {
    say('idle sessions: time is up');
  } else if (options.idle.length > 0) {
    say('idle sessions');
    const fixture = await bench.openFixture(names, 0);
    memory = await measureMemory(fixture, options.idle, say);
    await bench.closeFixture(fixture);
  }
  const database = needsPostgres ? await bench.describeDatabase() : undefined;
  const found = { ...environmentInfo(database), speed, memory };
  return { ...found, aims: aimsOf(found), seconds: Math.round((performance.now() - startedAt) / 1_000) };
}

/** A fast service that loses messages would be no service. */
async function checkNothingIsMissing(fixture: Fixture): Promise<void> {
  for (const { name, databaseUrl } of fixture.subjects) {
    if (databaseUrl !== undefined) {
      const stored = await inboxCount(databaseUrl);
      const written = fixture.writtenTo(name);
      if (stored < written) {
        throw new Error(`${name} stored ${stored} of ${written} messages`);
      }
    }
  }
}
