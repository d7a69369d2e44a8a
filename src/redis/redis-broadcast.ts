import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RedisLinks } from './redis-links.js';

type Listener = (text: string) => void;

/** More than this unanswered, and further messages are dropped. */
const MAX_IN_FLIGHT = 200;

/** Messages to the other processes of the deployment, by pub/sub: whoever is away misses them. */
@Injectable()
export class RedisBroadcast {
  private readonly sender = randomUUID();
  private readonly listeners = new Map<string, Set<Listener>>();
  private inFlight = 0;

  constructor(private readonly links: RedisLinks) {
    links.subscriber.on('message', (channel: string, message: string) => this.deliver(channel, message));
  }

  /**
   * Tells all other processes, unless Redis is away. Returns at once and never throws.
   * @param topic short name of what it is about
   */
  publish(topic: string, text: string): void {
    if (this.inFlight >= MAX_IN_FLIGHT || this.links.commands.status !== 'ready') {
      return;
    }
    this.inFlight += 1;
    this.links.commands
      .publish(this.channelOf(topic), this.sender + text)
      .catch(() => undefined)
      .finally(() => {
        this.inFlight -= 1;
      });
  }

  /**
   * @param listener called with what other processes publish; must not throw
   * @returns removes the listener
   */
  subscribe(topic: string, listener: Listener): () => void {
    const channel = this.channelOf(topic);
    const listeners = this.listeners.get(channel) ?? new Set();
    this.listeners.set(channel, listeners);
    listeners.add(listener);
    this.links.subscriber.subscribe(channel).catch(() => undefined); // fails when the process stops meanwhile
    return () => {
      listeners.delete(listener);
    };
  }

  private channelOf(topic: string): string {
    return `${this.links.prefix}:${topic}`;
  }

  private deliver(channel: string, message: string): void {
    if (!message.startsWith(this.sender)) {
      this.listeners.get(channel)?.forEach((listener) => listener(message.slice(this.sender.length)));
    }
  }
}
