import type { Fixture } from './fixture.js';
import { inboxCount, storedBytes } from './databases.js';
import { measureMemory, type SubjectMemory } from './memory.js';
import type { BenchOptions } from './options.js';
import type { BenchReport } from './report.js';
import { measureSpeed } from './speed.js';
import type { BenchEnvironment } from './bench-environment.js';
import { environmentInfo } from './environment-info.js';
import { measureStarts, type StartFigures } from './starts.js';
import { Steps } from './steps.js';
import { summarize } from './summary.js';

/** Measures all subjects side by side: speed with some sessions each, memory with idle ones, and starts. */
export async function compare(bench: BenchEnvironment, options: BenchOptions): Promise<BenchReport> {
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > options.budgetMs;
  const { subjects: names, databaseUrl } = options;
  const { say } = bench;
  const needsPostgres = names.some((name) => name === 'session' || name === 'service');
  await bench.open({ needsPostgres, databaseUrl });

  const steps = new Steps();
  const speed: BenchReport['speed'] = [];
  for (const sessions of sizesOf(options)) {
    speed.push(await compareSpeed(bench, sessions, { ...options, isLate }, steps));
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
  let starts: StartFigures | undefined;
  if (options.starts > 0) {
    say('starts with the embedded database');
    starts = await measureStarts(bench, options.starts);
  }
  const database = needsPostgres ? await bench.describeDatabase() : undefined;
  const found = { speed, memory, starts, steps: steps.report() };
  return {
    ...environmentInfo(database),
    summary: summarize(found),
    ...found,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  };
}

/** Rates are those of one number. */
function sizesOf({ sessions, rates }: BenchOptions): number[] {
  return rates.length === 0 || sessions.includes(1) ? sessions : [1, ...sessions];
}

async function compareSpeed(
  bench: BenchEnvironment,
  sessions: number,
  options: BenchOptions & { isLate: () => boolean },
  steps: Steps,
): Promise<BenchReport['speed'][number]> {
  const { say } = bench;
  say(`${sessions} sessions: linking`);
  const fixture = await bench.openFixture(options.subjects, sessions);
  await fixture.link(0, sessions);
  await fixture.settle();
  const subjects = await measureSpeed(fixture, {
    ...options,
    isSaturated: options.sessions.includes(sessions),
    rates: sessions === 1 ? options.rates : [],
    steps: options.steps
      ? (load, subject, round) => steps.add(`${subject}, ${sessions} sessions, ${load}`, round)
      : undefined,
    onProgress: say,
  });
  await checkNothingIsMissing(fixture);
  const service = fixture.subjects.find(({ name }) => name === 'service');
  const stored = service?.databaseUrl === undefined ? undefined : await storedBytes(service.databaseUrl);
  await bench.closeFixture(fixture);
  return { sessions, subjects, stored };
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
