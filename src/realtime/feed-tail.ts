import type { StoredEvent } from '../common/whatsapp-events.js';

/** As many as the database can be asked for while others come; who is further behind reads the table. */
const MAX_EVENTS = 200;

/** Of all of them as JSON: a message may be long. */
const MAX_LENGTH = 256 * 1024;

/** The last events of a feed, of bounded size, shared by all who read it. */
export class FeedTail {
  private readonly kept: { event: StoredEvent; length: number }[] = [];
  private length = 0;

  /** @param from sequence after which it has everything */
  constructor(private from: number) {}

  /** @param event the next in sequence */
  push(event: StoredEvent): void {
    const { length } = JSON.stringify(event.payload);
    this.kept.push({ event, length });
    this.length += length;
    while (this.kept.length > MAX_EVENTS || this.length > MAX_LENGTH) {
      const oldest = this.kept.shift()!;
      this.from = oldest.event.sequence;
      this.length -= oldest.length;
    }
  }

  /** @returns all that follow a sequence; undefined where some of them are not in it any more */
  after(sequence: number): StoredEvent[] | undefined {
    if (sequence < this.from) {
      return undefined;
    }
    return this.kept.filter(({ event }) => event.sequence > sequence).map(({ event }) => event);
  }
}
