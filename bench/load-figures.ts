import { type Latency, median, medianLatency } from './figures.js';

/** Figures of one subject under one kind of load. */
export interface LoadFigures {
  /** Messages per second: completed when saturated, offered at half load. */
  rate: number | undefined;
  /** Lowest and highest of the rounds. */
  rates: [number, number] | undefined;
  /** From the phone's send until WhatsApp has the acknowledgement: an upper bound of the committed row. */
  acknowledged: Latency;
  /** Until the row's transaction was committed; only of a subject without a worker. */
  committed: Latency;
  /** Until a subscriber has the Socket.IO event. */
  event: Latency;
  /** CPU of the subject's process, in ms per message. */
  cpuPerMessage: number | undefined;
  /** CPU of the subject's process, in cores. */
  cores: number | undefined;
}

/** What one round of a subject gave. */
export interface RoundFigures {
  rate: number;
  acknowledged: Latency;
  committed: Latency;
  event: Latency;
  cores: number;
}

/** @returns the medians of several rounds */
export function figuresOf(rounds: readonly RoundFigures[]): LoadFigures {
  const rates = rounds.map(({ rate }) => rate);
  return {
    rate: median(rates),
    rates: rates.length > 0 ? [Math.min(...rates), Math.max(...rates)] : undefined,
    acknowledged: medianLatency(rounds.map(({ acknowledged }) => acknowledged)),
    committed: medianLatency(rounds.map(({ committed }) => committed)),
    event: medianLatency(rounds.map(({ event }) => event)),
    cpuPerMessage: median(rounds.map(costOf)),
    cores: median(rounds.map(({ cores }) => cores)),
  };
}

/** @returns CPU per message, in ms */
export function costOf({ cores, rate }: RoundFigures): number {
  return (cores * 1_000) / rate;
}
