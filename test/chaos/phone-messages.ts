import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Client, LinkedNumber, Population } from './population.js';

/** A client's message, or what the owner writes to a client or to itself: both are notes. */
export type Kind = 'client' | 'to-client' | 'to-self';

/** Something that a phone wrote, by a text that occurs once. */
export interface PhoneMessage {
  token: string;
  kind: Kind;
  linkedNumber: LinkedNumber;
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
export class PhoneMessages {
  readonly all: PhoneMessage[] = [];
  /** Messages that the simulated network could not take. */
  readonly refused: string[] = [];
  /** Not confirmed yet, in the order of writing. */
  readonly unconfirmed = new Set<PhoneMessage>();
  private readonly byAuthorAndId = new Map<string, PhoneMessage[]>();
  private readonly population: Population;
  private readonly underWay = new Set<Promise<void>>();
  private confirmed: PhoneMessage[] = [];

  constructor(simulator: WhatsAppSimulator, population: Population) {
    this.population = population;
    simulator.on('message.acknowledged', ({ id, from, answer }) => {
      if (!answer.error) {
        this.find(from, id).forEach((phoneMessage) => this.confirm(phoneMessage, answer.at));
      }
    });
  }

  /** @returns when the network has taken it */
  add(
    kind: Kind,
    linkedNumber: LinkedNumber,
    client: Client,
    claimedAt: Date | undefined,
    write: (token: string) => Promise<SentMessage>,
  ): Promise<void> {
    const token = `m-${this.all.length}`;
    const author = kind === 'client' ? client.phone : linkedNumber.owner;
    const phoneMessage: PhoneMessage = {
      token,
      kind,
      linkedNumber,
      client,
      id: '',
      author,
      claimedAt: claimedAt && Math.floor(claimedAt.getTime() / 1000),
      writtenAtMs: performance.now(),
      acknowledgedAt: undefined,
      mayBeLate: (this.population.deviceOf(linkedNumber)?.queue.tampering.swapWithNext ?? 0) > 0,
    };
    this.all.push(phoneMessage);
    this.unconfirmed.add(phoneMessage);
    const done: Promise<void> = write(token)
      .then((sent) => this.written(phoneMessage, sent))
      .catch((error: unknown) => void this.refused.push(`${token}: ${String(error)}`))
      .finally(() => this.underWay.delete(done));
    this.underWay.add(done);
    return done;
  }

  /** @returns what was confirmed since the last call */
  takeConfirmed(): PhoneMessage[] {
    const { confirmed } = this;
    this.confirmed = [];
    return confirmed;
  }

  /** Marks what a number has not confirmed: it may be delivered in another order from now on. */
  expectDisorder(linkedNumber: LinkedNumber): void {
    for (const phoneMessage of this.unconfirmed) {
      if (phoneMessage.linkedNumber === linkedNumber) {
        phoneMessage.mayBeLate = true;
      }
    }
  }

  /** Waits until the network has taken everything. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private written(phoneMessage: PhoneMessage, sent: SentMessage): void {
    phoneMessage.id = sent.id;
    const key = `${phoneMessage.author.number} ${sent.id}`;
    this.byAuthorAndId.set(key, [...(this.byAuthorAndId.get(key) ?? []), phoneMessage]);
    // Its answer may have come before the call returned.
    const answered = sent.deliveries.find(({ answer }) => answer && !answer.error);
    if (answered) {
      this.confirm(phoneMessage, answered.answer!.at);
    }
  }

  private find(author: string, id: string): PhoneMessage[] {
    return this.byAuthorAndId.get(`${author} ${id}`) ?? [];
  }

  private confirm(phoneMessage: PhoneMessage, at: Date): void {
    if (phoneMessage.acknowledgedAt === undefined) {
      phoneMessage.acknowledgedAt = at;
      this.unconfirmed.delete(phoneMessage);
      this.confirmed.push(phoneMessage);
    }
  }
}
