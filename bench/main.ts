import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../src/common/error-message.js';
import { silenceLibsignal } from '../src/simulator/silence-libsignal.js';
import { measureBoots } from './boot.js';
import { formatBoots } from './boot-report.js';
import { compare } from './comparison.js';
import { measureFlood } from './flood.js';
import { formatFlood } from './flood-report.js';
import { isEveryCallAnswered, measureGuesses } from './guess.js';
import { formatGuesses } from './guess-report.js';
import { type BenchOptions, readOptions, USAGE } from './options.js';
import { formatReport } from './report.js';
import { formatIdle, measureIdle } from './idle.js';
import { formatRestarts, measureRestarts } from './restart.js';
import { measureRoundTrips } from './round-trips.js';
import { formatRoundTrips } from './round-trips-report.js';
import { BenchEnvironment } from './bench-environment.js';
import { measureWorkers } from './workers.js';
import { formatWorkers } from './workers-report.js';

const bench = new BenchEnvironment(say);

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function run(): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    say(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const startedAt = performance.now();
  const { text, isFailed } = await measure(options);
  process.stdout.write(`${text}\n`);
  say(`took ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  return isFailed ? 1 : 0;
}

interface Measured {
  /** What is to be printed. */
  text: string;
  /** Something happened that must not, whatever the figures are. */
  isFailed: boolean;
}

async function measure(options: BenchOptions): Promise<Measured> {
  if (options.guess !== undefined) {
    const report = await measureGuesses(bench, options.guess, options);
    const text = options.json ? JSON.stringify(report, null, 2) : formatGuesses(report);
    return { text, isFailed: !isEveryCallAnswered(report) };
  }
  return { text: await compareOrCount(options), isFailed: false };
}

async function compareOrCount(options: BenchOptions): Promise<string> {
  const profile = options.profile === undefined ? undefined : resolve(options.profile);
  if (profile !== undefined) {
    await mkdir(profile, { recursive: true });
  }
  const asJson = (figures: object) => JSON.stringify(figures, null, 2);
  if (options.boot !== undefined) {
    const report = await measureBoots(bench, options.boot, { ...options, profile });
    return options.json ? asJson(report) : formatBoots(report);
  }
  if (options.restart !== undefined) {
    const report = await measureRestarts(bench, options.restart, { ...options, profile });
    return options.json ? asJson(report) : formatRestarts(report);
  }
  if (options.idleNumbers !== undefined) {
    const report = await measureIdle(bench, options.idleNumbers, options);
    return options.json ? asJson(report) : formatIdle(report);
  }
  if (options.flood !== undefined) {
    const report = await measureFlood(bench, options.flood, { ...options, profile });
    return options.json ? asJson(report) : formatFlood(report);
  }
  if (options.roundTrips !== undefined) {
    const report = await measureRoundTrips(bench, options.roundTrips, options);
    return options.json ? asJson(report) : formatRoundTrips(report);
  }
  if (options.workers !== undefined) {
    const report = await measureWorkers(bench, options.workers, { ...options, profile });
    return options.json ? asJson(report) : formatWorkers(report);
  }
  const report = await compare(bench, { ...options, profile });
  return options.json ? asJson(report) : formatReport(report);
}

silenceLibsignal();
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    void bench.cleanUp().then(() => process.exit(130));
  });
}
try {
  process.exitCode = await run();
} catch (error) {
  // What is under way fails when it is cleaned up: nothing to report.
  if (!isInterrupted) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  process.exitCode = 1;
} finally {
  await bench.cleanUp();
}
