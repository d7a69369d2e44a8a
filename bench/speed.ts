import { join } from 'node:path';
import type { Fixture } from './fixture.js';
import { commitTimes, lastInboxId } from './databases.js';
import { type Latency, latencyOf, median } from './figures.js';
import { costOf, figuresOf, type LoadFigures, type RoundFigures } from './load-figures.js';
import type { CpuReading } from './process-probe.js';
import type { Subject } from './subject.js';
import type { SubjectName } from './subject-name.js';
import type { Goal, Round, MessageTimes } from './traffic.js';

export interface SpeedOptions {
  rounds: number;
  seconds: number;
  profile: string | undefined;
  /** No further round once this is true. */
  isLate: () => boolean;
  onProgress: (text: string) => void;
}

export interface SubjectSpeed {
  subject: SubjectName;
  /** Rate as a share of bare Baileys': median of the ratios of neighbouring rounds. */
  ratio: number | undefined;
  /**
   * Bare Baileys' CPU per message as a share of this process's, saturated: what the ratio would be if each process had
   * a core of its own. Hardly affected by other work on the machine.
   */
  cpuRatio: number | undefined;
  saturated: LoadFigures;
  half: LoadFigures;
}

interface Load {
  goal: Goal;
  /** Undefined: saturated. */
  rate?: number;
}

const WARM_UP_MS = 1_000;

/**
 * Enough for every stage to be busy, the second one with what the first has committed; the latencies at saturation are then
 * mostly queueing.
 * @returns messages of a session under way at saturation
 */
function windowFor(sessions: number): number {
  return sessions === 1 ? 200 : 20;
}

/** Measures all subjects in turns: there and back again, so that drift of the machine hits all of them alike. */
export async function measureSpeed(fixture: Fixture, options: SpeedOptions): Promise<SubjectSpeed[]> {
  const saturated = await inTurns(fixture, options, 'saturated', options.rounds, () => undefined);
  const halfRounds = Math.max(1, Math.ceil(options.rounds / 2));
  const rates = new Map(fixture.subjects.map(({ name }) => [name, halfOf(saturated.get(name))]));
  const half = await inTurns(fixture, options, 'half load', halfRounds, ({ name }) => rates.get(name));
  const bare = saturated.get('bare') ?? [];
  return fixture.subjects.map(({ name }) => {
    const rounds = saturated.get(name) ?? [];
    const ratios = rounds.map(({ rate }, index) => bare[index] && rate / bare[index].rate);
    return {
      subject: name,
      ratio: median(ratios),
      cpuRatio: median(rounds.map((round, index) => bare[index] && costOf(bare[index]) / costOf(round))),
      saturated: figuresOf(rounds),
      half: figuresOf(half.get(name) ?? []),
    };
  });
}

async function inTurns(
  fixture: Fixture,
  options: SpeedOptions,
  label: string,
  rounds: number,
  rateOf: (subject: Subject) => number | undefined,
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
      const goal = subject.name === 'service' || subject.name === 'embedded' ? 'event' : 'acknowledgement';
      const profile = round === rounds - 1 && rate === undefined ? options.profile : undefined;
      const result = await runRound(
        fixture,
        subject,
        { goal, ...(rate !== undefined && { rate }) },
        {
          ms: options.seconds * 1_000,
          profile: profile && join(profile, `${subject.name}-${fixture.sessions}.cpuprofile`),
        },
      );
      figures.get(subject.name)?.push(result);
      const { p50, p99 } = goal === 'event' ? result.event : result.acknowledged;
      options.onProgress(
        `  ${label} ${round + 1}/${rounds} ${subject.name}: ${Math.round(result.rate)} msg/s, ` +
          `p50 ${p50?.toFixed(1)} p99 ${p99?.toFixed(1)} ms`,
      );
    }
  }
  return figures;
}

async function runRound(
  fixture: Fixture,
  subject: Subject,
  { goal, rate }: Load,
  { ms, profile }: { ms: number; profile: string | undefined },
): Promise<RoundFigures> {
  const readings: CpuReading[] = [];
  const onWindow = {
    begin: async () => {
      if (profile) {
        await subject.startProfile();
      }
      readings.push(await subject.cpu());
    },
    end: async () => {
      readings.push(await subject.cpu());
      if (profile) {
        await subject.stopProfile(profile);
      }
    },
  };
  const common = { goal, warmUpMs: WARM_UP_MS, ms, onWindow };
  const before = await lastCommitted(subject);
  const sessionPhones = fixture.sessionPhones(subject);
  const round =
    rate === undefined
      ? await fixture.traffic.saturate(sessionPhones, { ...common, window: windowFor(fixture.sessions) })
      : await fixture.traffic.steady(sessionPhones, { ...common, rate });
  const [first, last] = readings as [CpuReading, CpuReading];
  return {
    rate: round.rate,
    acknowledged: spans(round, ({ acknowledgedAt }) => acknowledgedAt),
    event: spans(round, ({ eventAt }) => eventAt),
    committed: await committedSpans(subject, round, before),
    cores: (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs),
  };
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

function halfOf(rounds: readonly RoundFigures[] | undefined): number | undefined {
  const rate = median((rounds ?? []).map((round) => round.rate));
  return rate && rate / 2;
}
