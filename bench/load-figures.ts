import { type Latency, median, medianLatency } from './figures.js';
import type { PostgresFigures, PostgresWork } from './postgres-probe.js';

/** Figures of one subject under one kind of load. */
export interface LoadFigures {
  /** Messages per second that were completed. */
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
  /** In order. */
  rounds: readonly RoundFigures[];
}

/** What one round of a subject gave. */
export interface RoundFigures {
  /** Messages completed per second. */
  rate: number;
  acknowledged: Latency;
  committed: Latency;
  event: Latency;
  cores: number;
  /** Of a subject with a database on a server. */
  postgres?: { work: PostgresWork; perMessage: PostgresFigures };
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
    rounds,
  };
}

/** @returns CPU of the process per message, in ms */
export function costOf({ cores, rate }: RoundFigures): number {
  return (cores * 1_000) / rate;
}
