import type { ReceivedMessage } from './received-message.js';

/** Picks a message. */
export type MessageFilter = (message: ReceivedMessage) => boolean;

/** Nothing fitting arrived in time, or the simulator stopped. */
export class NothingReceived extends Error {
  override readonly name = 'NothingReceived';
}

interface Waiter {
  readonly filter: MessageFilter;
  finish(outcome: ReceivedMessage | Error): void;
}

/** The messages a phone received, oldest first, the newest `limit` of them, and the waiters for the next. */
export class Inbox {
  private messages: ReceivedMessage[] = [];
  private readonly known = new Map<string, true>();
  private readonly waiters = new Set<Waiter>();
  private sequence = 0;

  constructor(private readonly limit: number) {}

  /** All that is kept, oldest first. */
  get all(): readonly ReceivedMessage[] {
    return this.messages;
  }

  /** Adds a message unless the same author already sent that id. Returns it with its sequence, or undefined for a repeat. */
  add(message: Omit<ReceivedMessage, 'sequence'>): ReceivedMessage | undefined {
    const key = `${message.from}:${message.id}`;
    if (this.known.has(key)) {
      return undefined;
    }
    this.known.set(key, true);
    const numbered = { ...message, sequence: ++this.sequence };
    this.messages.push(numbered);
    this.trim();
    for (const waiter of this.waiters) {
      if (waiter.filter(numbered)) {
        waiter.finish(numbered);
      }
    }
    return numbered;
  }

  /** Messages after a sequence number, at most `limit`. */
  after(sequence: number, limit: number): ReceivedMessage[] {
    const first = this.messages[0]?.sequence ?? 1;
    const start = Math.max(0, sequence + 1 - first);
    return this.messages.slice(start, start + limit);
  }

  /** The first kept or coming message that fits. Rejects with NothingReceived after the timeout. */
  next(filter: MessageFilter, timeoutMs: number): Promise<ReceivedMessage> {
    const found = this.messages.find(filter);
    if (found) {
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => waiter.finish(new NothingReceived(`no such message in ${timeoutMs} ms`)),
        timeoutMs,
      );
      const waiter: Waiter = {
        filter,
        finish: (outcome) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          if (outcome instanceof Error) {
            reject(outcome);
          } else {
            resolve(outcome);
          }
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** Forgets the messages (not which ids were seen). */
  clear(): void {
    this.messages = [];
  }

  /** Ends all waiting. */
  stop(): void {
    for (const waiter of this.waiters) {
      waiter.finish(new NothingReceived('the simulator stopped'));
    }
  }

  private trim(): void {
    if (this.messages.length > this.limit * 1.25) {
      this.messages = this.messages.slice(-this.limit);
    }
    if (this.known.size > this.limit * 2) {
      const [oldest] = this.known.keys();
      this.known.delete(oldest ?? '');
    }
  }
}
