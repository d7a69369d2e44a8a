import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { withTimeout } from '../src/common/with-timeout.js';
import { LatencyProbe, type ProbeFigures } from './latency-probe.js';
import type { AttackFigures, AttackPlan } from './guesser-thread.js';
import type { BenchOptions } from './options.js';
import { type CallerFigures, RegularCaller } from './regular-caller.js';
import type { BenchEnvironment } from './bench-environment.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';
import type { SessionPhones } from './traffic.js';
import { withEventLoopDelay } from './event-loop-delay.js';

/** What a caller with a valid key and a subscriber saw while others guessed keys and kept connections half open; times in ms. */
export interface GuessReport extends EnvironmentInfo {
  idle: Seen;
  during: Seen;
  attack: AttackFigures & AttackPlan;
  /** Resident memory of the service's process, in bytes: before, at most, and after with the garbage collected. */
  memory: { before: number; peak: number; after: number };
  /** CPU of the service's process during the attack, in cores. */
  cores: number;
  /** How late timers of this process were, p95: part of every latency. */
  generator: { idleP95: number; duringP95: number };
}

interface Seen {
  /** From the address of the attacker. */
  calls: CallerFigures;
  /** From another address. */
  others: CallerFigures;
  events: ProbeFigures;
}

const CALL_INTERVAL_MS = 100;
const EVENT_INTERVAL_MS = 200;
/** Linux answers for all of 127.0.0.0/8; elsewhere there is one address only. */
const ELSEWHERE = process.platform === 'linux' ? '127.0.0.2' : undefined;
const IDLE_MS = 20_000;
const LAST_EVENTS_MS = 30_000;
const GUESSES_AT_ONCE = 64;
const SLOW_PEERS = 2_000;
/** Whatever becomes of the attack, it is over then. */
const LIMIT_MS = 10 * 60_000;

/**
 * Attacks a service over loopback: guessed keys as fast as they are answered, and slow connections, from the very address of a
 * client that goes on calling with a valid key, while another one calls from elsewhere. Ends by itself.
 * @param guesses calls with guessed keys
 */
export async function measureGuesses(
  bench: BenchEnvironment,
  guesses: number,
  { databaseUrl }: Pick<BenchOptions, 'databaseUrl'>,
): Promise<GuessReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const key = randomBytes(24).toString('hex');
  const fixture = await bench.openFixture(['service'], 1, key);
  const subject = fixture.subjects[0]!;
  await fixture.link(0, 1);
  const [session] = fixture.sessionPhones(subject) as [SessionPhones];
  const probe = new LatencyProbe(session, EVENT_INTERVAL_MS);
  await fixture.settle(probe.onEvents);
  const address = new URL('/api/contacts?organization_id=bench-0&limit=1', subject.url);
  const caller = new RegularCaller(address, key, CALL_INTERVAL_MS);
  const other = new RegularCaller(address, key, CALL_INTERVAL_MS, ELSEWHERE);
  const see = (isOver: () => boolean) =>
    withEventLoopDelay(async (): Promise<Seen> => {
      const [calls, others, events] = await Promise.all([
        caller.run(isOver),
        other.run(isOver),
        probe.run(isOver, LAST_EVENTS_MS),
      ]);
      return { calls, others, events };
    });

  bench.say('two callers and one subscriber');
  const idleUntil = performance.now() + IDLE_MS;
  const idle = await see(() => performance.now() > idleUntil);
  const { rss: before } = await subject.memory();
  const plan = { url: subject.url, guesses, atOnce: GUESSES_AT_ONCE, slowPeers: SLOW_PEERS };
  bench.say(`${guesses} guessed keys, ${SLOW_PEERS} slow connections`);
  const cpuBefore = await subject.cpu();
  let isOver = false;
  const attacking = attack(plan).finally(() => (isOver = true));
  const during = await see(() => isOver);
  const figures = await attacking;
  const cpuAfter = await subject.cpu();
  const peak = await subject.peakRss();
  const { rss: after } = await subject.memory();
  const database = await bench.describeDatabase();
  await bench.closeFixture(fixture);
  return {
    ...environmentInfo(database),
    idle: idle.figures,
    during: during.figures,
    attack: { ...plan, ...figures },
    memory: { before, peak, after },
    cores: (cpuAfter.cpuMs - cpuBefore.cpuMs) / (cpuAfter.atMs - cpuBefore.atMs),
    generator: { idleP95: idle.lateP95, duringP95: during.lateP95 },
  };
}

/** @returns whether every call with a valid key and every event came through */
export function isEveryCallAnswered({ idle, during }: Pick<GuessReport, 'idle' | 'during'>): boolean {
  return [idle, during].every(
    ({ calls, others, events }) =>
      calls.answered === calls.made && others.answered === others.made && events.arrived === events.written,
  );
}

/** In a thread of its own, so that its work does not delay the clock of those who are measured. */
async function attack(plan: AttackPlan): Promise<AttackFigures> {
  const thread = new Worker(new URL('./guesser-thread.ts', import.meta.url), { workerData: plan });
  const { promise, resolve, reject } = Promise.withResolvers<AttackFigures>();
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', () => reject(new Error('the attack ended early')));
  try {
    return await withTimeout(promise, LIMIT_MS, () => new Error('the attack did not end in time'));
  } finally {
    await thread.terminate();
  }
}
