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
import type { BenchEnvironment } from './bench-environment.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';

/** Which database, and how many processes with a worker work on it. */
export interface WorkerSetup {
  database: 'Postgres' | 'PGlite';
  processes: number;
}

/** How fast one setup empties an inbox; medians of its rounds. */
export interface WorkerSetupFigures extends WorkerSetup {
  /** Rows per second, from the inbox to the event. */
  rate: number;
  /** Lowest and highest of the rounds. */
  rates: [number, number];
  rowsPerBatch: number;
  /** CPU of the processes together, in ms per row; with PGlite the database is one of them. */
  cpuPerRow: number;
}

export interface WorkersReport extends EnvironmentInfo {
  rows: number;
  rounds: number;
  setups: WorkerSetupFigures[];
}

interface Parts {
  bench: BenchEnvironment;
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
 * @throws Error when a setup takes too long or does it wrong
 */
export async function measureWorkers(
  bench: BenchEnvironment,
  workers: readonly number[],
  options: Pick<BenchOptions, 'databaseUrl' | 'profile' | 'rounds' | 'rows'>,
): Promise<WorkersReport> {
  const { databaseUrl, profile, rounds, rows } = options;
  await bench.open({ needsPostgres: true, databaseUrl });
  const redis = await TestRedis.start();
  bench.onCleanUp(() => redis.stop());
  const parts = { bench, redisUrl: redis.url, rows, profile };
  const setups: WorkerSetup[] = [
    ...workers.map((processes) => ({ database: 'Postgres' as const, processes })),
    { database: 'PGlite', processes: 1 },
  ];
  const outcomes = new Map<WorkerSetup, RoundOutcome[]>(setups.map((setup) => [setup, []]));
  for (let round = 0; round < rounds; round++) {
    for (const setup of round % 2 === 0 ? setups : setups.toReversed()) {
      const outcome = await runRound(setup, parts);
      outcomes.get(setup)!.push(outcome);
      const rate = Math.round((outcome.rows / outcome.ms) * 1_000);
      bench.say(`  ${round + 1}/${rounds} ${setup.database}, ${setup.processes}: ${rate} rows/s`);
    }
  }
  const database = await bench.describeDatabase();
  return {
    ...environmentInfo(database),
    rows,
    rounds,
    setups: setups.map((setup) => ({ ...setup, ...figuresOf(outcomes.get(setup)!, rows) })),
  };
}

function figuresOf(
  rounds: readonly RoundOutcome[],
  rows: number,
): Omit<WorkerSetupFigures, keyof WorkerSetup> {
  const rates = rounds.map((round) => (round.rows / round.ms) * 1_000);
  return {
    rate: median(rates)!,
    rates: [Math.min(...rates), Math.max(...rates)],
    rowsPerBatch: median(rounds.map(({ batches }) => rows / batches))!,
    cpuPerRow: median(rounds.map(({ cpuMs }) => cpuMs / rows))!,
  };
}

async function runRound(setup: WorkerSetup, parts: Parts): Promise<RoundOutcome> {
  const { bench, rows, profile } = parts;
  const key = randomBytes(32);
  const { target, processes } = await assemble(setup, parts, key.toString('base64'));
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
      const name = `workers-${setup.database}-${setup.processes}`;
      await Promise.all(
        processes.map((each, place) => each.stopProfile(join(profile, `${name}-${place}.cpuprofile`))),
      );
    }
    return { ...(await readOutcome(target, filling)), cpuMs };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    await bench.dropDatabases();
  }
}

async function assemble(
  { database, processes: count }: WorkerSetup,
  { bench, redisUrl }: Parts,
  key: string,
): Promise<{ target: SqlTarget; processes: MeasuredProcess[] }> {
  const folder = await bench.makeFolder();
  if (database === 'PGlite') {
    return { target: { dataDir: folder }, processes: [await MeasuredProcess.service(folder, key)] };
  }
  const databaseUrl = await bench.createDatabase();
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
