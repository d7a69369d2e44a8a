import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../src/common/error-message.js';
import { silenceLibsignal } from '../src/simulator/silence-libsignal.js';
import { measureBoots } from './boot.js';
import { formatBoots } from './boot-report.js';
import { compare } from './comparison.js';
import { measureConsole } from './console.js';
import { formatConsole, isSoonEnough } from './console-report.js';
import { measureFlood } from './flood.js';
import { formatFlood } from './flood-report.js';
import { isEveryCallAnswered, measureGuesses } from './guess.js';
import { formatGuesses } from './guess-report.js';
import { type BenchOptions, readOptions, USAGE } from './options.js';
import { formatReport } from './report.js';
import { formatIdle, measureIdle } from './idle.js';
import { formatRestarts, measureRestarts } from './restart.js';
import { saveFigures } from './saved-figures.js';
import { measureLists } from './lists.js';
import { formatLists, isFastEnough } from './lists-report.js';
import { measureMedia } from './media.js';
import { formatMedia, isAllThere } from './media-report.js';
import { measureRoundTrips } from './round-trips.js';
import { formatRoundTrips } from './round-trips-report.js';
import { BenchEnvironment } from './bench-environment.js';
import { measureWebhooks } from './webhooks.js';
import { formatWebhooks } from './webhooks-report.js';
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
  const { what, report, format, isFailed = false } = await measure(options);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : format()}\n`);
  say(`saved as ${await saveFigures(what, report, options.out)}`);
  say(`took ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  return isFailed ? 1 : 0;
}

interface Measured {
  what: string;
  report: object;
  /** @returns the report for a terminal */
  format: () => string;
  /** Something happened that must not, whatever the figures are. */
  isFailed?: boolean;
}

async function measure(given: BenchOptions): Promise<Measured> {
  const options = { ...given, profile: given.profile === undefined ? undefined : resolve(given.profile) };
  if (options.profile !== undefined) {
    await mkdir(options.profile, { recursive: true });
  }
  if (options.guess !== undefined) {
    const report = await measureGuesses(bench, options.guess, options);
    const isFailed = !isEveryCallAnswered(report);
    return { what: 'guess', report, format: () => formatGuesses(report), isFailed };
  }
  if (options.boot !== undefined) {
    const report = await measureBoots(bench, options.boot, options);
    return { what: 'boot', report, format: () => formatBoots(report) };
  }
  if (options.restart !== undefined) {
    const report = await measureRestarts(bench, options.restart, options);
    return { what: 'restart', report, format: () => formatRestarts(report) };
  }
  if (options.idleNumbers !== undefined) {
    const report = await measureIdle(bench, options.idleNumbers, options);
    return { what: 'idle', report, format: () => formatIdle(report) };
  }
  if (options.flood !== undefined) {
    const report = await measureFlood(bench, options.flood, options);
    return { what: 'flood', report, format: () => formatFlood(report) };
  }
  if (options.media) {
    const report = await measureMedia(bench, options);
    return { what: 'media', report, format: () => formatMedia(report), isFailed: !isAllThere(report) };
  }
  if (options.console) {
    const report = await measureConsole(bench);
    const isFailed = !report.views.every(isSoonEnough);
    return { what: 'console', report, format: () => formatConsole(report), isFailed };
  }
  if (options.webhooks) {
    const report = await measureWebhooks(bench, options);
    return { what: 'webhooks', report, format: () => formatWebhooks(report) };
  }
  if (options.lists !== undefined) {
    const report = await measureLists(bench, options.lists, options);
    const isFailed = !report.lists.every(isFastEnough) || Object.keys(report.sequentialScans).length > 0;
    return { what: 'lists', report, format: () => formatLists(report), isFailed };
  }
  if (options.roundTrips !== undefined) {
    const report = await measureRoundTrips(bench, options.roundTrips, options);
    return { what: 'round-trips', report, format: () => formatRoundTrips(report) };
  }
  if (options.workers !== undefined) {
    const report = await measureWorkers(bench, options.workers, options);
    return { what: 'workers', report, format: () => formatWorkers(report) };
  }
  const report = await compare(bench, options);
  return { what: 'comparison', report, format: () => formatReport(report) };
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
