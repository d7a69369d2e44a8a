import { join } from 'node:path';
import type { Fixture } from './fixture.js';
import { commitTimes, lastInboxId } from './databases.js';
import { type Latency, latencyOf } from './figures.js';
import type { RoundFigures } from './load-figures.js';
import { perMessage, type PostgresProbe, type PostgresWork } from './postgres-probe.js';
import type { CpuReading } from './process-probe.js';
import type { RoundSteps } from './round-steps.js';
import type { Subject } from './subject.js';
import type { SubjectName } from './subject-name.js';
import type { Goal, MessageTimes, Round, WindowHooks } from './traffic.js';

/** How rounds are run. */
export interface RoundOptions {
  seconds: number;
  /** Folder for a CPU profile of each subject's last saturated round. */
  profile: string | undefined;
  /** Given by each round of a service what its messages passed when. */
  steps: ((load: string, subject: SubjectName, round: RoundSteps) => void) | undefined;
  /** No further round once this is true. */
  isLate: () => boolean;
  onProgress: (text: string) => void;
}

/** One kind of load. */
export interface Load {
  label: string;
  rounds: number;
  /** Messages per second of a subject; undefined: as many as it takes. */
  rateOf: (subject: Subject) => number | undefined;
}

const WARM_UP_MS = 1_000;

/** @returns the rounds of each subject, which take turns: there and back again, so that drift of the machine hits all of them alike */
export async function inTurns(
  fixture: Fixture,
  options: RoundOptions,
  { label, rounds, rateOf }: Load,
): Promise<Map<SubjectName, RoundFigures[]>> {
  const figures = new Map<SubjectName, RoundFigures[]>(fixture.subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && options.isLate()) {
      options.onProgress(`  time is up after ${round} of ${rounds} rounds`);
      break;
    }
    const order = round % 2 === 0 ? fixture.subjects : fixture.subjects.toReversed();
    for (const subject of order) {
      const rate = rateOf(subject);
      const isProfiled = options.profile !== undefined && round === rounds - 1 && rate === undefined;
      const profile = isProfiled
        ? join(options.profile!, `${subject.name}-${fixture.sessions}.cpuprofile`)
        : undefined;
      const result = await new MeasuredRound(fixture, subject, options, label).run(rate, profile);
      figures.get(subject.name)?.push(result);
      const { p50, p99 } = goalOf(subject) === 'event' ? result.event : result.acknowledged;
      options.onProgress(
        `  ${label} ${round + 1}/${rounds} ${subject.name}: ${Math.round(result.rate)} msg/s, ` +
          `p50 ${p50?.toFixed(1)} p99 ${p99?.toFixed(1)} ms`,
      );
    }
  }
  return figures;
}

function goalOf({ name }: Subject): Goal {
  return name === 'service' || name === 'embedded' ? 'event' : 'acknowledgement';
}

/**
 * Enough for every stage to be busy, the second one with what the first has committed; the latencies at saturation are then
 * mostly queueing.
 * @returns messages of a session under way at saturation
 */
function windowFor(sessions: number): number {
  return sessions === 1 ? 200 : 20;
}

/** One round of one subject, with everything that is looked at meanwhile. */
class MeasuredRound {
  private readonly fixture: Fixture;
  private readonly subject: Subject;
  private readonly options: RoundOptions;
  private readonly label: string;
  private readonly cpu: CpuReading[] = [];
  private work: PostgresWork | undefined;
  private steps: RoundSteps | undefined;

  constructor(fixture: Fixture, subject: Subject, options: RoundOptions, label: string) {
    this.fixture = fixture;
    this.subject = subject;
    this.options = options;
    this.label = label;
  }

  /**
   * @param rate messages per second; undefined: as many as it takes
   * @param profile file for a CPU profile
   */
  async run(rate: number | undefined, profile: string | undefined): Promise<RoundFigures> {
    const { fixture, subject, options } = this;
    const probe =
      subject.databaseUrl === undefined ? undefined : await fixture.databases.probe(subject.databaseUrl);
    try {
      const before = await lastCommitted(subject);
      const onWindow = this.hooks(probe, profile);
      const common = { goal: goalOf(subject), warmUpMs: WARM_UP_MS, ms: options.seconds * 1_000, onWindow };
      const sessionPhones = fixture.sessionPhones(subject);
      const round =
        rate === undefined
          ? await fixture.traffic.saturate(sessionPhones, { ...common, window: windowFor(fixture.sessions) })
          : await fixture.traffic.steady(sessionPhones, { ...common, rate });
      if (this.steps) {
        options.steps?.(this.label, subject.name, { ...this.steps, times: round.messageTimes });
      }
      return await this.toFigures(round, before);
    } finally {
      await probe?.close();
    }
  }

  private hooks(probe: PostgresProbe | undefined, profile: string | undefined): WindowHooks {
    const { subject, cpu } = this;
    const areStepsTaken = this.options.steps !== undefined && subject.name !== 'bare';
    return {
      begin: async () => {
        await probe?.begin();
        if (areStepsTaken) {
          await subject.startSteps();
        }
        if (profile !== undefined) {
          await subject.startProfile();
        }
        cpu.push(await subject.cpu());
      },
      end: async () => {
        cpu.push(await subject.cpu());
        if (profile !== undefined) {
          await subject.stopProfile(profile);
        }
        if (areStepsTaken) {
          this.steps = { ...(await subject.stopSteps()), times: new Map() };
        }
        this.work = await probe?.end();
      },
    };
  }

  private async toFigures(round: Round, before: number): Promise<RoundFigures> {
    const [first, last] = this.cpu as [CpuReading, CpuReading];
    const { work } = this;
    return {
      rate: round.rate,
      acknowledged: spans(round, ({ acknowledgedAt }) => acknowledgedAt),
      event: spans(round, ({ eventAt }) => eventAt),
      committed: await committedSpans(this.subject, round, before),
      cores: (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs),
      ...(work && { postgres: { work, perMessage: perMessage(work, round.rate) } }),
    };
  }
}

function spans({ messageTimes }: Round, end: (times: MessageTimes) => number | undefined): Latency {
  return latencyOf(
    [...messageTimes.values()].flatMap((times) => {
      const at = end(times);
      return at === undefined ? [] : [at - times.sentAt];
    }),
  );
}

async function lastCommitted(subject: Subject): Promise<number> {
  const isReadable = subject.name === 'session' && subject.databaseUrl !== undefined;
  return isReadable ? lastInboxId(subject.databaseUrl) : 0;
}

async function committedSpans(subject: Subject, round: Round, after: number): Promise<Latency> {
  if (subject.name !== 'session' || subject.databaseUrl === undefined) {
    return latencyOf([]);
  }
  const times = await commitTimes(subject.databaseUrl, after);
  return latencyOf(
    [...round.messageTimes].flatMap(([id, { sentAt }]) => {
      const at = times.get(id);
      return at === undefined ? [] : [at - sentAt];
    }),
  );
}
