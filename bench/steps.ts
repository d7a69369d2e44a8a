import { quantile } from './figures.js';
import { figuresOfWays, type LoadSteps, type RoundSteps, waysOf } from './round-steps.js';
import { STEP_NAMES } from './step-recorder.js';

/** Where the event is at the end: with a subscriber. */
const PLACES = [...STEP_NAMES, 'received'];

/** Collects what rounds tell of the way of their messages. */
export class Steps {
  private readonly rounds = new Map<string, RoundSteps[]>();

  add(load: string, round: RoundSteps): void {
    this.rounds.set(load, [...(this.rounds.get(load) ?? []), round]);
  }

  report(): LoadSteps[] {
    return [...this.rounds].map(([load, rounds]) => {
      const ways = rounds.flatMap(waysOf);
      const acknowledged = rounds.flatMap(({ times }) =>
        [...times.values()].flatMap(({ sentAt, acknowledgedAt }) =>
          acknowledgedAt === undefined ? [] : [acknowledgedAt - sentAt],
        ),
      );
      return {
        load,
        messages: ways.length,
        places: figuresOfWays(PLACES, ways),
        acknowledged: { p50: quantile(acknowledged, 0.5), p99: quantile(acknowledged, 0.99) },
        pauses: rounds.map(({ pauses }) => pauses),
      };
    });
  }
}
