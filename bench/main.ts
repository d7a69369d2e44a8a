import { cpus, tmpdir } from 'node:os';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { silenceLibsignal } from '../src/simulator/silence-libsignal.js';
import { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import { Bed, type BedParts } from './bed.js';
import { Databases, inboxCount } from './databases.js';
import { measureMemory, type SubjectMemory } from './memory.js';
import { reportNode } from './node-speed.js';
import { type BenchOptions, readOptions, USAGE } from './options.js';
import { startPostgres } from './postgres-server.js';
import { aimsOf, type BenchReport, formatReport } from './report.js';
import { measureSpeed } from './speed.js';
import type { Subject } from './subject.js';

type Undo = () => Promise<unknown>;

/** What was started, to be undone in reverse, also when the run is interrupted. */
const undos: Undo[] = [];
let cleaning: Promise<void> | undefined;

function cleanUp(): Promise<void> {
  cleaning ??= (async () => {
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      await undo().catch((error: unknown) => say(`clean-up: ${String(error)}`));
    }
  })();
  return cleaning;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function bench(options: BenchOptions): Promise<BenchReport> {
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > options.budgetMs;
  const folder = await mkdtemp(join(tmpdir(), 'auzap-bench-'));
  undos.push(() => rm(folder, { recursive: true, force: true }));
  if (options.profile !== undefined) {
    await mkdir(options.profile, { recursive: true });
  }
  const needsPostgres = options.subjects.some((name) => name === 'session' || name === 'service');
  const postgres = needsPostgres ? await startPostgres(options.databaseUrl) : undefined;
  if (postgres) {
    undos.push(() => postgres.stop());
  }
  const databases = new Databases(postgres?.url ?? '');
  undos.push(() => databases.dropAll());
  const running = new Set<Subject>();
  undos.push(() => Promise.all([...running].map((subject) => subject.stop())));

  const speed: BenchReport['speed'] = [];
  for (const sessions of options.sessions) {
    say(`${sessions} sessions: linking`);
    const bed = await openBed(options, sessions);
    await bed.link(0, sessions);
    await bed.settle();
    const subjects = await measureSpeed(bed, { ...options, isLate, onProgress: say });
    speed.push({ sessions, subjects });
    await checkNothingIsMissing(bed);
    await closeBed(bed);
  }
  let memory: SubjectMemory[] = [];
  if (options.idle.length > 0 && isLate()) {
    say('idle sessions: time is up');
  } else if (options.idle.length > 0) {
    say('idle sessions');
    const bed = await openBed(options, 0);
    memory = await measureMemory(bed, options.idle, say);
    await closeBed(bed);
  }
  const database = postgres && (await databases.describe());
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '' };
  const found = { node: reportNode(), machine, database, speed, memory };
  return { ...found, aims: aimsOf(found), seconds: Math.round((performance.now() - startedAt) / 1_000) };

  /** Each bed has a network of its own: what earlier rounds left behind costs it nothing. */
  async function openBed({ subjects }: BenchOptions, sessions: number): Promise<Bed> {
    const sim = await WhatsAppSimulator.start({ inboxLimit: 200, ledgerLimit: 1_000 });
    undos.push(() => sim.stop());
    const parts: BedParts = { sim, databases, folder, onSubject: (subject) => running.add(subject) };
    return Bed.start(parts, subjects, sessions);
  }

  async function closeBed(bed: Bed): Promise<void> {
    await bed.stop();
    bed.subjects.forEach((subject) => running.delete(subject));
    await undos.pop()?.();
    await databases.dropAll();
  }
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

async function run(): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const profile = options.profile === undefined ? undefined : resolve(options.profile);
  const report = await bench({ ...options, profile });
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
  say(`took ${report.seconds} s`);
  return 0;
}

silenceLibsignal();
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    void cleanUp().then(() => process.exit(130));
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
  await cleanUp();
}
