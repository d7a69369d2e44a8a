import { quantile } from './figures.js';
import type { Pauses } from './pause-watch.js';
import type { RecordedSteps } from './step-recorder.js';
import type { MessageTimes } from './traffic.js';

/** What a round's messages passed when: on their way outside, and in the process that was measured. */
export interface RoundSteps extends RecordedSteps {
  times: ReadonlyMap<string, MessageTimes>;
}

/** One message: when it passed each place, in ms since it was sent; NaN for one that it did not pass. */
export type Way = readonly number[];

/** How long messages took from the place before to this one, and since they were sent; in ms. */
export interface PlaceFigures {
  place: string;
  took: Record<'p50' | 'p95' | 'p99' | 'max', number | undefined>;
  since: Record<'p50' | 'p99', number | undefined>;
  /** How long it took the slowest messages, on average: those whose whole way took as long as 99 % of the others', or longer. */
  inSlowest: number | undefined;
}

/** What became of the messages of some rounds under one load. */
export interface LoadSteps {
  load: string;
  messages: number;
  places: PlaceFigures[];
  /** From the phone's send until WhatsApp has the receipt. */
  acknowledged: Record<'p50' | 'p99', number | undefined>;
  /** Of each round. */
  pauses: Pauses[];
}

/** @returns the ways of the messages that were on their way in the measured part only, with where they ended */
export function waysOf({ messages, times }: RoundSteps): Way[] {
  return [...times].flatMap(([id, { sentAt, eventAt }]) => {
    const steps = messages.get(id);
    return steps && !Number.isNaN(steps[0])
      ? [[...steps, eventAt ?? Number.NaN].map((at) => at - sentAt)]
      : [];
  });
}

/**
 * @param names of the places of the ways
 * @returns the places in the order in which most messages pass them, which is not the same everywhere
 */
export function figuresOfWays(names: readonly string[], ways: readonly Way[]): PlaceFigures[] {
  const last = names.length - 1;
  const slow = quantile(known(ways.map((way) => way[last]!)), 0.99) ?? Infinity;
  const slowest = ways.filter((way) => way[last]! >= slow);
  const places = names
    .map((place, index) => {
      const since = known(ways.map((way) => way[index]!));
      return { place, index, since: { p50: quantile(since, 0.5), p99: quantile(since, 0.99) } };
    })
    .toSorted((a, b) => (a.since.p50 ?? Infinity) - (b.since.p50 ?? Infinity));
  return places.map(({ place, index, since }, order) => {
    const before = places[order - 1]?.index;
    const stepOf = (way: Way) => way[index]! - (before === undefined ? 0 : way[before]!);
    const took = known(ways.map(stepOf));
    return {
      place,
      took: {
        p50: quantile(took, 0.5),
        p95: quantile(took, 0.95),
        p99: quantile(took, 0.99),
        max: took.length > 0 ? Math.max(...took) : undefined,
      },
      since,
      inSlowest: mean(known(slowest.map(stepOf))),
    };
  });
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
