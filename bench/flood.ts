import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fixture } from './fixture.js';
import { countMessages } from './databases.js';
import { LatencyProbe, type ProbeFigures } from './latency-probe.js';
import type { BenchOptions } from './options.js';
import type { BenchEnvironment } from './bench-environment.js';
import type { ArrivedEvents } from './subscriber-thread.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';
import type { SessionPhones } from './traffic.js';
import { withEventLoopDelay } from './event-loop-delay.js';

/** What one organization saw while another one was flooded; times in ms. */
export interface FloodReport extends EnvironmentInfo {
  idle: ProbeFigures;
  during: ProbeFigures;
  flood: {
    written: number;
    /** Of these, already waiting at the network when the flood began. */
    waiting: number;
    /** Socket.IO events. */
    arrived: number;
    stored: number;
    doubled: number;
    ms: number;
  };
  /** CPU of the service's process during the flood, in cores. */
  cores: number;
  /** How late timers of the process with phones and network were: part of every latency. */
  generator: { idleP95: number; duringP95: number };
}

const INTERVAL_MS = 200;
const IDLE_MS = 20_000;
/** A client whose line is silent for longer thinks that it is dead. */
const FREEZE_LIMIT_MS = 20_000;
const WRITTEN_AT_ONCE = 200;
const LAST_PROBES_MS = 60_000;

/**
 * Lets the network hold messages for one organization and releases them all at once, while customers of another one, whose
 * session and worker are in the same process, write now and then.
 * @param count messages of the flood
 */
export async function measureFlood(
  bench: BenchEnvironment,
  count: number,
  { databaseUrl, profile }: Pick<BenchOptions, 'databaseUrl' | 'profile'>,
): Promise<FloodReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const fixture = await bench.openFixture(['service'], 2);
  const subject = fixture.subjects[0]!;
  await fixture.link(0, 2);
  const [flooded, quiet] = fixture.sessionPhones(subject) as [SessionPhones, SessionPhones];
  const probe = new LatencyProbe(quiet, INTERVAL_MS);
  const flood = new Flood(fixture, flooded, count);
  await fixture.settle((events) => {
    probe.onEvents(events);
    flood.onEvents(events);
  });

  bench.say('one message at a time');
  const idleUntil = performance.now() + IDLE_MS;
  const idle = await withEventLoopDelay(() => probe.run(() => performance.now() > idleUntil, LAST_PROBES_MS));
  bench.say(`writing ${count} messages`);
  const waiting = await flood.prepare();
  bench.say(`flood, ${waiting} of them at once`);
  if (profile !== undefined) {
    await subject.startProfile();
  }
  const before = await subject.cpu();
  const startedAt = performance.now();
  const limitMs = 60_000 + count * 10;
  const rising = flood.release(limitMs);
  const during = await withEventLoopDelay(() => probe.run(() => flood.isOver, LAST_PROBES_MS));
  await rising;
  const ms = flood.endedAt - startedAt;
  const after = await subject.cpu();
  if (profile !== undefined) {
    await subject.stopProfile(join(profile, 'flood.cpuprofile'));
  }
  const { stored, rows } = await countMessages(subject.databaseUrl!, flood.ids);
  const database = await bench.describeDatabase();
  await bench.closeFixture(fixture);
  return {
    ...environmentInfo(database),
    idle: idle.figures,
    during: during.figures,
    flood: { written: count, waiting, arrived: flood.arrived, stored, doubled: rows - stored, ms },
    cores: (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs),
    generator: { idleP95: idle.lateP95, duringP95: during.lateP95 },
  };
}

/** Many messages for one session at once. */
class Flood {
  readonly ids: string[];
  isOver = false;
  endedAt = 0;
  private readonly fixture: Fixture;
  private readonly session: SessionPhones;
  private readonly expected: Set<string>;
  private written = 0;

  constructor(fixture: Fixture, session: SessionPhones, count: number) {
    this.fixture = fixture;
    this.session = session;
    this.ids = Array.from(
      { length: count },
      (_, place) => `3EB0F0${place.toString(16).toUpperCase().padStart(14, '0')}`,
    );
    this.expected = new Set(this.ids);
  }

  get arrived(): number {
    return this.ids.length - this.expected.size;
  }

  /** For the subscriber. */
  readonly onEvents = (events: ArrivedEvents): void => {
    for (const [id] of events) {
      this.expected.delete(id);
    }
    if (this.expected.size === 0 && this.endedAt === 0) {
      this.endedAt = performance.now();
      this.isOver = true;
    }
  };

  /**
   * Has the network hold what is written, so that encrypting it takes no time of the flood.
   * @returns how many wait; the others are written when it is released
   */
  async prepare(): Promise<number> {
    this.fixture.sim.faults.freeze(this.session.owner);
    const until = performance.now() + FREEZE_LIMIT_MS;
    while (this.written < this.ids.length && performance.now() < until) {
      await this.writeSome();
    }
    return this.written;
  }

  /** Settles when all events arrived, or at the limit. */
  async release(limitMs: number): Promise<void> {
    const giveUpAt = performance.now() + limitMs;
    this.fixture.sim.faults.thaw(this.session.owner);
    while (!this.isOver && performance.now() < giveUpAt) {
      await (this.written < this.ids.length ? this.writeSome() : delay(20));
    }
    this.endedAt ||= performance.now();
    this.isOver = true;
  }

  private async writeSome(): Promise<void> {
    const { owner, customers } = this.session;
    const ids = this.ids.slice(this.written, this.written + WRITTEN_AT_ONCE);
    this.written += ids.length;
    const writing = ids.map((id, place) =>
      customers[place % customers.length]!.writes(owner, `Is there a free slot? I ask again: ${id}`, { id }),
    );
    await Promise.all(writing);
    await delay(0);
  }
}
