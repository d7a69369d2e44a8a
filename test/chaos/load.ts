import { setTimeout as delay } from 'node:timers/promises';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { WriteOptions } from '../../src/simulator/phones/phone.js';
import type { LoadOptions } from './options.js';
import type { Random } from './random.js';
import type { Client, LinkedNumber, Population } from './population.js';
import type { Kind, PhoneMessages } from './phone-messages.js';

const MAX_PENDING = 1_000;
const PAUSE_WHEN_FULL_MS = 20;

/** Has clients and owners write, at random. */
export class Load {
  private readonly population: Population;
  private readonly phoneMessages: PhoneMessages;
  private readonly options: LoadOptions;
  private readonly random: Random;

  constructor(population: Population, phoneMessages: PhoneMessages, options: LoadOptions, random: Random) {
    this.population = population;
    this.phoneMessages = phoneMessages;
    this.options = options;
    this.random = random;
  }

  /** Writes until it is told to stop; waits while too much is unanswered. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const isFull = this.population.pending > MAX_PENDING;
      const pause = isFull ? PAUSE_WHEN_FULL_MS : this.random.pause(this.options.rate);
      await delay(pause, undefined, { signal: stop }).catch(() => undefined);
      if (!isFull && !stop.aborted) {
        this.writeSomething();
      }
    }
  }

  /** One message to every number. */
  writeToEachNumber(): void {
    for (const linkedNumber of this.population.linkedNumbers) {
      void this.write('client', linkedNumber, this.population.someClient());
    }
  }

  /** A message of a client to a number; returns when it is on the connection, where there is one. */
  async writeTo(linkedNumber: LinkedNumber, client: Client): Promise<void> {
    await this.write('client', linkedNumber, client);
  }

  private writeSomething(): void {
    const { population, random } = this;
    const linkedNumber = random.pick(population.linkedNumbers);
    const client = population.someClient();
    const kind = random.weighted<Kind | 'twins'>([
      ['client', 90],
      ['to-client', 3],
      ['to-self', 2],
      ['twins', 2],
    ]);
    if (kind === 'twins') {
      this.writeTwins(linkedNumber);
    } else {
      void this.write(kind, linkedNumber, client);
    }
    if (this.phoneMessages.all.length % this.options.newClientEvery === 0) {
      void this.write('client', linkedNumber, population.addClient());
    }
  }

  /** Two people choose the same message id. */
  private writeTwins(linkedNumber: LinkedNumber): void {
    const id = `TWIN${this.random.integer(1e9, 9e9)}`;
    const [one, other] = [this.population.someClient(), this.population.someClient()];
    if (one !== other) {
      void this.write('client', linkedNumber, one, { id });
      void this.write('client', linkedNumber, other, { id });
    }
  }

  private write(
    kind: Kind,
    linkedNumber: LinkedNumber,
    client: Client,
    more: WriteOptions = {},
  ): Promise<void> {
    const options = { ...this.style(client), ...more };
    const author = kind === 'to-client' || kind === 'to-self' ? linkedNumber.owner : client.phone;
    const to = kind === 'to-client' ? client.phone : linkedNumber.owner;
    return this.phoneMessages.add(kind, linkedNumber, client, options.timestamp, (token) =>
      author.writes(to, this.contentOf(token), options),
    );
  }

  private style(client: Client): WriteOptions {
    const { random } = this;
    const addressing = client.isHidden || random.chance(0.6) ? 'lid' : 'pn';
    const years = random.chance(0.04) ? random.between(-12, 5) : undefined;
    return {
      addressing,
      withoutAlternative: client.isHidden,
      ...(years !== undefined && { timestamp: new Date(Date.now() + years * 365 * 86_400_000) }),
      ...(random.chance(0.1) && { pushName: null }),
    };
  }

  private contentOf(token: string): Content {
    return this.random.chance(0.9)
      ? token
      : this.random.weighted<Content>([
          [{ text: token }, 3],
          [{ image: { caption: token } }, 1],
        ]);
  }
}
