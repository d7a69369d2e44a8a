import type { Fixture } from './fixture.js';
import { median } from './figures.js';
import { figuresOf, type LoadFigures, type RoundFigures } from './load-figures.js';
import { inTurns, type Load, type RoundOptions } from './rounds.js';
import type { SubjectName } from './subject-name.js';

/** What is measured of one fixture. */
export interface SpeedPlan extends RoundOptions {
  rounds: number;
  /** As many messages as it takes, and half of that. */
  isSaturated: boolean;
  /** Messages per second for all sessions together. */
  rates: readonly number[];
}

export interface SubjectSpeed {
  subject: SubjectName;
  /** Messages per second as a share of bare Baileys', saturated: of the medians. */
  ratio: number | undefined;
  /**
   * Bare Baileys' CPU per message as a share of this process's, saturated: what the ratio would be if each process had
   * a core of its own. Hardly affected by other work on the machine.
   */
  cpuRatio: number | undefined;
  /** Undefined when it was not asked for. */
  saturated: LoadFigures | undefined;
  /** At half of its own saturation. */
  half: LoadFigures | undefined;
  steady: { rate: number; figures: LoadFigures }[];
}

/** What comes in slowly takes longer until it says something: its rounds are so many times as long. */
const SLOW_FACTOR = 2;

/** Measures all subjects under each load. */
export async function measureSpeed(fixture: Fixture, plan: SpeedPlan): Promise<SubjectSpeed[]> {
  const measure = (load: Load, options: RoundOptions = plan) => inTurns(fixture, options, load);
  const fewRounds = Math.max(1, Math.ceil(plan.rounds / 2));
  const slowly = { ...plan, seconds: plan.seconds * SLOW_FACTOR };
  const { rounds } = plan;
  const saturated = plan.isSaturated
    ? await measure({ label: 'saturated', rounds, rateOf: () => undefined })
    : undefined;
  const half =
    saturated && (await measure({ label: 'half load', rounds: fewRounds, rateOf: halfOf(saturated) }));
  // Last, in processes that are warm: a service runs for days.
  const steady: [rate: number, rounds: Map<SubjectName, RoundFigures[]>][] = [];
  for (const rate of plan.rates) {
    const load = { label: `${rate}/s`, rounds: fewRounds, rateOf: () => rate };
    steady.push([rate, await measure(load, slowly)]);
  }
  const bare = loadOf(saturated, 'bare');
  return fixture.subjects.map(({ name }) => {
    const own = loadOf(saturated, name);
    return {
      subject: name,
      ratio: share(own?.rate, bare?.rate),
      cpuRatio: share(bare?.cpuPerMessage, own?.cpuPerMessage),
      saturated: own,
      half: loadOf(half, name),
      steady: steady.map(([rate, all]) => ({ rate, figures: figuresOf(all.get(name) ?? []) })),
    };
  });
}

function loadOf(
  all: ReadonlyMap<SubjectName, RoundFigures[]> | undefined,
  name: SubjectName,
): LoadFigures | undefined {
  const rounds = all?.get(name);
  return rounds && figuresOf(rounds);
}

function share(part: number | undefined, whole: number | undefined): number | undefined {
  return part !== undefined && whole ? part / whole : undefined;
}

function halfOf(saturated: ReadonlyMap<SubjectName, RoundFigures[]>): Load['rateOf'] {
  const rates = new Map(
    [...saturated].map(([name, rounds]) => [name, median(rounds.map(({ rate }) => rate))] as const),
  );
  return ({ name }) => {
    const rate = rates.get(name);
    return rate && rate / 2;
  };
}
