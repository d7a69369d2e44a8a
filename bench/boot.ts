import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Phone } from '../src/simulator/phones/phone.js';
import type { Fixture } from './fixture.js';
import { type ArrivalFigures, BootWatch } from './boot-watch.js';
import { countMessages } from './databases.js';
import type { BenchOptions } from './options.js';
import type { BenchEnvironment } from './bench-environment.js';
import type { Subject } from './subject.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';

/** How the service ended before it was started again. */
const ENDS = ['SIGTERM', 'SIGKILL'] as const;

/** Messages that each session finds waiting, each from a customer who is new to it. */
const WAITING = 2;

/** One start with stored sessions; times in ms from the start of the process. */
export interface BootFigures extends ArrivalFigures {
  after: (typeof ENDS)[number];
  /** How long the process took to end before. */
  endMs: number;
  /** `GET /health/ready` answers 200. */
  readyMs: number;
  /** Everything that was waiting is stored as a message. */
  storedMs: number;
  messages: { sent: number; stored: number; doubled: number };
  /** CPU of the process when ready, and when everything was stored. */
  cpuMs: { ready: number; stored: number };
  /** In bytes. */
  peakRss: number;
}

export interface BootReport extends EnvironmentInfo {
  sessions: number;
  boots: BootFigures[];
}

/**
 * Links sessions, then ends the service and starts it again, once after each kind of end.
 * @throws Error when sessions do not come back in time, or messages do not arrive
 */
export async function measureBoots(
  bench: BenchEnvironment,
  sessions: number,
  { databaseUrl, profile }: Pick<BenchOptions, 'databaseUrl' | 'profile'>,
): Promise<BootReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const fixture = await bench.openFixture(['service'], sessions);
  bench.say(`linking ${sessions} sessions`);
  await fixture.link(0, sessions);
  const boots: BootFigures[] = [];
  for (const after of ENDS) {
    bench.say(`starting again after ${after}`);
    boots.push(await boot(fixture, after, profile));
  }
  const database = await bench.describeDatabase();
  await bench.closeFixture(fixture);
  return { ...environmentInfo(database), sessions, boots };
}

async function boot(fixture: Fixture, after: BootFigures['after'], profile?: string): Promise<BootFigures> {
  const subject = fixture.subjects[0]!;
  const sessionPhones = fixture.sessionPhones(subject);
  const limitMs = 60_000 + fixture.sessions * 500;
  const endMs = await end(subject, fixture, after);
  const waiting = await Promise.all(
    sessionPhones.flatMap(({ owner, customers }) =>
      customers.slice(0, WAITING).map((customer) => customer.writes(owner, `Are you there after ${after}?`)),
    ),
  );

  const watch = new BootWatch(fixture.sim);
  const startedAt = performance.now();
  await subject.start();
  if (profile !== undefined) {
    await subject.startProfile();
  }
  await subject.ready();
  const readyMs = performance.now() - startedAt;
  const { cpuMs: readyCpuMs } = await subject.cpu();
  await watch.untilOnLine(fixture.sessions, limitMs);
  await Promise.all(waiting.map((message) => message.acknowledged(limitMs)));
  const messages = await untilStored(
    subject,
    waiting.map(({ id }) => id),
  );
  const storedMs = performance.now() - startedAt;
  const { cpuMs } = await subject.cpu();
  if (profile !== undefined) {
    await subject.stopProfile(join(profile, `boot-after-${after}.cpuprofile`));
  }
  const peakRss = await subject.peakRss();
  return {
    ...watch.stop(),
    after,
    endMs,
    readyMs,
    storedMs,
    messages,
    cpuMs: { ready: readyCpuMs, stored: cpuMs },
    peakRss,
  };
}

/** @returns how long it took, in ms; the network has noticed it, too */
async function end(subject: Subject, fixture: Fixture, signal: BootFigures['after']): Promise<number> {
  const isAway = ({ owner }: { owner: Phone }) => owner.devices.every(({ isOnline }) => !isOnline);
  const away = fixture
    .sessionPhones(subject)
    .filter((session) => !isAway(session))
    .map(({ owner }) =>
      fixture.sim.next('device.disconnected', ({ phone }) => phone === owner.number, END_LIMIT_MS),
    );
  const startedAt = performance.now();
  await subject.kill(signal);
  const endMs = performance.now() - startedAt;
  await Promise.all(away);
  return endMs;
}

const END_LIMIT_MS = 40_000;
const STORE_LIMIT_MS = 60_000;

/** What is acknowledged is safe, but the worker may not have come to it. */
async function untilStored(subject: Subject, ids: readonly string[]): Promise<BootFigures['messages']> {
  const giveUpAt = performance.now() + STORE_LIMIT_MS;
  for (;;) {
    const { stored, rows } = await countMessages(subject.databaseUrl!, ids);
    if (stored === ids.length) {
      return { sent: ids.length, stored, doubled: rows - stored };
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`${stored} of ${ids.length} messages were stored`);
    }
    await delay(50);
  }
}
