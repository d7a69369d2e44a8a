import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { MESSAGE_STEPS, type MessageStep } from '../src/common/message-steps.js';
import { PauseWatch, type Pauses } from './pause-watch.js';

export type StepName = keyof typeof MESSAGE_STEPS;

/** In order. */
export const STEP_NAMES = Object.keys(MESSAGE_STEPS) as StepName[];

/** What a process noted of its messages. */
export interface RecordedSteps {
  /** By message id: when it passed each step for the first time, in ms since 1970; NaN for one that it did not pass. */
  messages: Map<string, Float64Array>;
  pauses: Pauses;
}

type PassingOf<Name extends StepName> =
  (typeof MESSAGE_STEPS)[Name] extends MessageStep<infer Passing> ? Passing : never;

/** Which messages it is that pass a step. */
const IDS: { [Name in StepName]: (passing: PassingOf<Name>) => Iterable<string | undefined> } = {
  read: ({ attrs }) => [attrs['id']],
  begun: ({ attrs }) => [attrs['id']],
  decrypted: ({ attrs }) => [attrs['id']],
  closed: (batch) => batch.messageIds(),
  committed: (batch) => batch.messageIds(),
  released: (batch) => batch.messageIds(),
  taken: ({ rows }) => Array.from(rows, ({ attrs }) => attrs['id']),
  planned: (items) => Array.from(items, ({ messageId }) => messageId),
  ingested: (items) => Array.from(items, ({ messageId }) => messageId),
  emitted: ({ payload }) => ('messageId' in payload ? [String(payload.messageId)] : []),
};

/** Notes when the messages of this process pass each step. */
export class StepRecorder {
  private readonly messages = new Map<string, Float64Array>();
  private readonly pauses = new PauseWatch();
  private readonly listeners = STEP_NAMES.map((name, place) => ({
    name: MESSAGE_STEPS[name].name,
    listener: (passing: unknown) => this.note(place, IDS[name](passing as never)),
  }));

  constructor() {
    this.listeners.forEach(({ name, listener }) => subscribe(name, listener));
  }

  /** Ends it. */
  stop(): RecordedSteps {
    this.listeners.forEach(({ name, listener }) => unsubscribe(name, listener));
    return { messages: this.messages, pauses: this.pauses.stop() };
  }

  private note(place: number, ids: Iterable<string | undefined>): void {
    const now = performance.timeOrigin + performance.now();
    for (const id of ids) {
      if (id !== undefined) {
        let times = this.messages.get(id);
        if (!times) {
          times = new Float64Array(STEP_NAMES.length).fill(Number.NaN);
          this.messages.set(id, times);
        }
        if (Number.isNaN(times[place]!)) {
          times[place] = now;
        }
      }
    }
  }
}
