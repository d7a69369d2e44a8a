import { Redis } from 'ioredis';
import type { Place } from './canaries.js';

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Hears everything that is said to a Redis, and reads everything that is in it. */
export class RedisTap {
  private readonly heard: Place[] = [];

  private constructor(
    private readonly client: Redis,
    private readonly listeners: readonly Redis[],
  ) {}

  static async open(url: string): Promise<RedisTap> {
    const client = new Redis(url);
    const monitor = await client.monitor();
    const subscriber = client.duplicate();
    const tap = new RedisTap(client, [monitor, subscriber]);
    monitor.on('monitor', (_time: string, args: string[]) => {
      // What is published comes whole over its channel.
      if (args[0] !== 'publish') {
        tap.hear(`command ${args[0]}`, args.join('\n'));
      }
    });
    subscriber.on('pmessageBuffer', (_pattern: string, channel: Buffer, message: Buffer) =>
      tap.hear(`channel ${channel.toString()}`, message),
    );
    await subscriber.psubscribe('*');
    [client, monitor, subscriber].forEach((link) => link.on('error', () => undefined));
    return tap;
  }

  /** @returns what went over each channel, each kind of command, and the value of each key */
  async places(): Promise<Place[]> {
    const keys = await this.client.keys('*');
    const stored = await Promise.all(
      keys.map(async (key) => ({ name: nameOf(`key ${key}`), bytes: await this.read(key) })),
    );
    return [...this.heard, ...stored];
  }

  /** Says something itself, and hears it. */
  async say(command: string, ...args: string[]): Promise<void> {
    await this.client.call(command, ...args);
  }

  close(): void {
    [this.client, ...this.listeners].forEach((link) => link.disconnect());
  }

  private hear(name: string, said: string | Buffer): void {
    this.heard.push({ name: nameOf(name), bytes: Buffer.from(said as string) });
  }

  /** The name of the key and all that it holds, whatever its type is. */
  private async read(key: string): Promise<Buffer> {
    const type = await this.client.type(key);
    const [command, ...rest] = READERS[type] ?? ['dump'];
    const value: unknown = await this.client.callBuffer(command!, key, ...rest);
    return Buffer.concat([Buffer.from(`${key}\n`), ...buffersIn(value)]);
  }
}

const READERS: Readonly<Record<string, string[]>> = {
  string: ['get'],
  hash: ['hgetall'],
  list: ['lrange', '0', '-1'],
  set: ['smembers'],
  zset: ['zrange', '0', '-1'],
  stream: ['xrange', '-', '+'],
};

function buffersIn(value: unknown): Buffer[] {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    return Object.entries(value).flat().flatMap(buffersIn);
  }
  return value === null ? [] : [Buffer.from(value as string), Buffer.from('\n')];
}

function nameOf(name: string): string {
  return `redis ${name.replace(UUID, '*')}`;
}
