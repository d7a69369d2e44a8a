import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Client, Line, Town } from './town.js';

/** A client's message, or what the owner writes to a client or to itself: both are notes. */
export type Kind = 'client' | 'to-client' | 'to-self';

/** Something that a phone wrote, by a text that occurs once. */
export interface Writing {
  token: string;
  kind: Kind;
  line: Line;
  client: Client;
  id: string;
  author: Phone;
  /** Seconds since 1970 that it claims to be written at; undefined: about now. */
  claimedAt: number | undefined;
  writtenAtMs: number;
  /** When the number's device confirmed it. */
  acknowledgedAt: Date | undefined;
  /** It may have been overtaken on the wire: a reordering was on. */
  mayBeLate: boolean;
}

/** Everything that phones wrote, in the order of writing. */
export class Writings {
  readonly all: Writing[] = [];
  /** Messages that the simulated network could not take. */
  readonly refused: string[] = [];
  /** Not confirmed yet, in the order of writing. */
  readonly unconfirmed = new Set<Writing>();
  private readonly byAuthorAndId = new Map<string, Writing[]>();
  private readonly town: Town;
  private readonly underWay = new Set<Promise<void>>();
  private confirmed: Writing[] = [];

  constructor(simulator: WhatsAppSimulator, town: Town) {
    this.town = town;
    simulator.on('message.acknowledged', ({ id, from, answer }) => {
      if (!answer.error) {
        this.find(from, id).forEach((writing) => this.confirm(writing, answer.at));
      }
    });
  }

  /** @returns when the network has taken it */
  add(
    kind: Kind,
    line: Line,
    client: Client,
    claimedAt: Date | undefined,
    write: (token: string) => Promise<SentMessage>,
  ): Promise<void> {
    const token = `m-${this.all.length}`;
    const author = kind === 'client' ? client.phone : line.owner;
    const writing: Writing = {
      token,
      kind,
      line,
      client,
      id: '',
      author,
      claimedAt: claimedAt && Math.floor(claimedAt.getTime() / 1000),
      writtenAtMs: performance.now(),
      acknowledgedAt: undefined,
      mayBeLate: (this.town.deviceOf(line)?.queue.tampering.swapWithNext ?? 0) > 0,
    };
    this.all.push(writing);
    this.unconfirmed.add(writing);
    const done: Promise<void> = write(token)
      .then((sent) => this.written(writing, sent))
      .catch((error: unknown) => void this.refused.push(`${token}: ${String(error)}`))
      .finally(() => this.underWay.delete(done));
    this.underWay.add(done);
    return done;
  }

  /** @returns what was confirmed since the last call */
  takeConfirmed(): Writing[] {
    const { confirmed } = this;
    this.confirmed = [];
    return confirmed;
  }

  /** Marks what a number has not confirmed: it may be delivered in another order from now on. */
  expectDisorder(line: Line): void {
    for (const writing of this.unconfirmed) {
      if (writing.line === line) {
        writing.mayBeLate = true;
      }
    }
  }

  /** Waits until the network has taken everything. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private written(writing: Writing, sent: SentMessage): void {
    writing.id = sent.id;
    const key = `${writing.author.number} ${sent.id}`;
    this.byAuthorAndId.set(key, [...(this.byAuthorAndId.get(key) ?? []), writing]);
    // Its answer may have come before the call returned.
    const answered = sent.deliveries.find(({ answer }) => answer && !answer.error);
    if (answered) {
      this.confirm(writing, answered.answer!.at);
    }
  }

  private find(author: string, id: string): Writing[] {
    return this.byAuthorAndId.get(`${author} ${id}`) ?? [];
  }

  private confirm(writing: Writing, at: Date): void {
    if (writing.acknowledgedAt === undefined) {
      writing.acknowledgedAt = at;
      this.unconfirmed.delete(writing);
      this.confirmed.push(writing);
    }
  }
}
