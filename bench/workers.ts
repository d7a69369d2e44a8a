import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestRedis } from '../test/support/redis.js';
import { median } from './figures.js';
import { isBusy, type Outcome, readOutcome } from './inbox-check.js';
import { fillInbox, release } from './inbox-fill.js';
import { MeasuredProcess } from './measured-process.js';
import type { BenchOptions } from './options.js';
import type { SqlTarget } from './sql.js';
import type { Stage } from './stage.js';
import { type Surroundings, surroundingsOf } from './surroundings.js';

/** Which database, and how many processes with a worker work on it. */
export interface Crew {
  database: 'Postgres' | 'PGlite';
  processes: number;
}

/** How fast one crew empties an inbox; medians of its rounds. */
export interface CrewFigures extends Crew {
  /** Rows per second, from the inbox to the event. */
  rate: number;
  /** Lowest and highest of the rounds. */
  rates: [number, number];
  rowsPerBatch: number;
  /** CPU of the processes together, in ms per row; with PGlite the database is one of them. */
  cpuPerRow: number;
}

export interface WorkersReport extends Surroundings {
  rows: number;
  rounds: number;
  crews: CrewFigures[];
}

interface Parts {
  stage: Stage;
  redisUrl: string;
  rows: number;
  profile: string | undefined;
}

type RoundOutcome = Outcome & { cpuMs: number };

/** Longer than workers look by themselves; all of them begin at its end. */
const HELD_MS = 8_000;
/** CPU is read so long before that. */
const EARLY_MS = 500;
const POLL_MS = 200;

/**
 * Fills an inbox and has workers empty it: with each number of processes on Postgres, and by the service on PGlite, in turns.
 * @throws Error when a crew takes too long or does it wrong
 */
export async function measureWorkers(
  stage: Stage,
  workers: readonly number[],
  options: Pick<BenchOptions, 'databaseUrl' | 'profile' | 'rounds' | 'rows'>,
): Promise<WorkersReport> {
  const { databaseUrl, profile, rounds, rows } = options;
  await stage.open({ needsPostgres: true, databaseUrl });
  const redis = await TestRedis.start();
  stage.onCleanUp(() => redis.stop());
  const parts = { stage, redisUrl: redis.url, rows, profile };
  const crews: Crew[] = [
    ...workers.map((processes) => ({ database: 'Postgres' as const, processes })),
    { database: 'PGlite', processes: 1 },
  ];
  const outcomes = new Map<Crew, RoundOutcome[]>(crews.map((crew) => [crew, []]));
  for (let round = 0; round < rounds; round++) {
    for (const crew of round % 2 === 0 ? crews : crews.toReversed()) {
      const outcome = await runRound(crew, parts);
      outcomes.get(crew)!.push(outcome);
      const rate = Math.round((outcome.rows / outcome.ms) * 1_000);
      stage.say(`  ${round + 1}/${rounds} ${crew.database}, ${crew.processes}: ${rate} rows/s`);
    }
  }
  const database = await stage.describeDatabase();
  return {
    ...surroundingsOf(database),
    rows,
    rounds,
    crews: crews.map((crew) => ({ ...crew, ...figuresOf(outcomes.get(crew)!, rows) })),
  };
}

function figuresOf(rounds: readonly RoundOutcome[], rows: number): Omit<CrewFigures, keyof Crew> {
  const rates = rounds.map((round) => (round.rows / round.ms) * 1_000);
  return {
    rate: median(rates)!,
    rates: [Math.min(...rates), Math.max(...rates)],
    rowsPerBatch: median(rounds.map(({ batches }) => rows / batches))!,
    cpuPerRow: median(rounds.map(({ cpuMs }) => cpuMs / rows))!,
  };
}

async function runRound(crew: Crew, parts: Parts): Promise<RoundOutcome> {
  const { stage, rows, profile } = parts;
  const key = randomBytes(32);
  const { target, processes } = await assemble(crew, parts, key.toString('base64'));
  try {
    const filling = await fillInbox(target, rows, key);
    await release(target, HELD_MS);
    await delay(HELD_MS - EARLY_MS);
    if (profile !== undefined) {
      await Promise.all(processes.map((each) => each.startProfile()));
    }
    const before = await cpuOf(processes);
    await untilEmpty(target, rows);
    const cpuMs = (await cpuOf(processes)) - before;
    if (profile !== undefined) {
      const name = `workers-${crew.database}-${crew.processes}`;
      await Promise.all(
        processes.map((each, place) => each.stopProfile(join(profile, `${name}-${place}.cpuprofile`))),
      );
    }
    return { ...(await readOutcome(target, filling)), cpuMs };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    await stage.dropDatabases();
  }
}

async function assemble(
  { database, processes: count }: Crew,
  { stage, redisUrl }: Parts,
  key: string,
): Promise<{ target: SqlTarget; processes: MeasuredProcess[] }> {
  const folder = await stage.makeFolder();
  if (database === 'PGlite') {
    return { target: { dataDir: folder }, processes: [await MeasuredProcess.service(folder, key)] };
  }
  const databaseUrl = await stage.createDatabase();
  const environment = {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SESSION_ENCRYPTION_KEY: key,
    ADMIN_API_KEY: randomBytes(32).toString('hex'),
    DATA_DIR: folder,
  };
  const processes: MeasuredProcess[] = [];
  for (let place = 0; place < count; place++) {
    const LOG_FILE = join(folder, `worker-${place}.log`);
    processes.push(await MeasuredProcess.worker(folder, { ...environment, LOG_FILE }));
  }
  return { target: { databaseUrl }, processes };
}

async function cpuOf(processes: readonly MeasuredProcess[]): Promise<number> {
  const readings = await Promise.all(processes.map((each) => each.cpu()));
  return readings.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

async function untilEmpty(target: SqlTarget, rows: number): Promise<void> {
  const giveUpAt = performance.now() + 60_000 + rows * 10;
  while (await isBusy(target)) {
    if (performance.now() > giveUpAt) {
      throw new Error('the workers did not empty the inbox in time');
    }
    await delay(POLL_MS);
  }
}
