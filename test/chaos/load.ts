import { setTimeout as delay } from 'node:timers/promises';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { WriteOptions } from '../../src/simulator/phones/phone.js';
import type { LoadOptions } from './options.js';
import type { Random } from './random.js';
import type { Client, Line, Town } from './town.js';
import type { Kind, Writings } from './writings.js';

const MAX_PENDING = 1_000;
const PAUSE_WHEN_FULL_MS = 20;

/** Has clients and owners write, at random. */
export class Load {
  private readonly town: Town;
  private readonly writings: Writings;
  private readonly options: LoadOptions;
  private readonly random: Random;

  constructor(town: Town, writings: Writings, options: LoadOptions, random: Random) {
    this.town = town;
    this.writings = writings;
    this.options = options;
    this.random = random;
  }

  /** Writes until it is told to stop; waits while too much is unanswered. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const isFull = this.town.pending > MAX_PENDING;
      const pause = isFull ? PAUSE_WHEN_FULL_MS : this.random.pause(this.options.rate);
      await delay(pause, undefined, { signal: stop }).catch(() => undefined);
      if (!isFull && !stop.aborted) {
        this.writeSomething();
      }
    }
  }

  /** One message to every number. */
  writeToEachLine(): void {
    for (const line of this.town.lines) {
      void this.write('client', line, this.town.someClient());
    }
  }

  /** A message of a client to a number; returns when it is on the line, where there is one. */
  async writeTo(line: Line, client: Client): Promise<void> {
    await this.write('client', line, client);
  }

  private writeSomething(): void {
    const { town, random } = this;
    const line = random.pick(town.lines);
    const client = town.someClient();
    const kind = random.weighted<Kind | 'twins'>([
      ['client', 90],
      ['to-client', 3],
      ['to-self', 2],
      ['twins', 2],
    ]);
    if (kind === 'twins') {
      this.writeTwins(line);
    } else {
      void this.write(kind, line, client);
    }
    if (this.writings.all.length % this.options.newClientEvery === 0) {
      void this.write('client', line, town.addClient());
    }
  }

  /** Two people choose the same message id. */
  private writeTwins(line: Line): void {
    const id = `TWIN${this.random.integer(1e9, 9e9)}`;
    const [one, other] = [this.town.someClient(), this.town.someClient()];
    if (one !== other) {
      void this.write('client', line, one, { id });
      void this.write('client', line, other, { id });
    }
  }

  private write(kind: Kind, line: Line, client: Client, more: WriteOptions = {}): Promise<void> {
    const options = { ...this.style(client), ...more };
    const author = kind === 'to-client' || kind === 'to-self' ? line.owner : client.phone;
    const to = kind === 'to-client' ? client.phone : line.owner;
    return this.writings.add(kind, line, client, options.timestamp, (token) =>
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
