import { setTimeout as delay } from 'node:timers/promises';
import { tally } from './findings.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import type { Supervisor } from './supervisor.js';
import type { Client, Line, Town } from './town.js';

/** What the caller of a send was told. */
export type ReplyAnswer =
  | { kind: 'under way' }
  | { kind: 'accepted'; status: string; whatsappMessageId: string }
  | { kind: 'refused'; status: number; code: string }
  /** The process ended, or the line to it, before it answered. */
  | { kind: 'none' };

/** A message that was sent through the API, by a text that occurs once. */
export interface Reply {
  token: string;
  line: Line;
  client: Client;
  answer: ReplyAnswer;
}

const MAX_UNDER_WAY = 20;
const ANSWER_LIMIT_MS = 60_000;
const REPEAT_PAUSE_MS = 300;
const SHARE_WITH_KEY = 0.4;

/** Sends messages through the API, at random; some with a key, which are repeated until there is an answer. */
export class Replies {
  readonly all: Reply[] = [];
  private readonly supervisor: Supervisor;
  private readonly town: Town;
  private readonly options: ChaosOptions;
  private readonly random: Random;
  private readonly withKeys: boolean;
  private readonly underWay = new Set<Promise<void>>();

  constructor(supervisor: Supervisor, town: Town, options: ChaosOptions, random: Random, withKeys: boolean) {
    this.supervisor = supervisor;
    this.town = town;
    this.options = options;
    this.random = random;
    this.withKeys = withKeys;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.options.replies > 0) {
      const pause = this.random.pause(this.options.replies);
      await delay(pause, undefined, { signal: stop }).catch(() => undefined);
      if (!stop.aborted && this.supervisor.url !== undefined && this.underWay.size < MAX_UNDER_WAY) {
        this.sendOne(stop);
      }
    }
  }

  /** Waits for the answers. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** How many got which answer. */
  answers(): Record<string, number> {
    const names = this.all.map(({ answer }) =>
      answer.kind === 'accepted'
        ? `accepted (${answer.status})`
        : answer.kind === 'refused'
          ? `refused (${answer.code || answer.status})`
          : answer.kind,
    );
    return Object.fromEntries(tally(names, (name) => name));
  }

  private sendOne(stop: AbortSignal): void {
    const client = this.town.someClient();
    if (client.isHidden) {
      return;
    }
    const token = `r-${this.all.length}`;
    const reply: Reply = {
      token,
      line: this.random.pick(this.town.lines),
      client,
      answer: { kind: 'under way' },
    };
    this.all.push(reply);
    const key = this.withKeys && this.random.chance(SHARE_WITH_KEY) ? `chaos-${token}` : undefined;
    const done: Promise<void> = this.deliver(reply, key, stop).finally(() => this.underWay.delete(done));
    this.underWay.add(done);
  }

  private async deliver(reply: Reply, key: string | undefined, stop: AbortSignal): Promise<void> {
    const { url } = this.supervisor;
    if (url !== undefined) {
      reply.answer = await post(url, reply, key);
    }
    // With a key, whoever got no answer asks again, until there is one.
    while (key !== undefined && reply.answer.kind === 'none' && !stop.aborted) {
      await delay(REPEAT_PAUSE_MS);
      if (this.supervisor.url !== undefined) {
        reply.answer = await post(this.supervisor.url, reply, key);
      }
    }
  }
}

async function post(url: string, reply: Reply, key: string | undefined): Promise<ReplyAnswer> {
  try {
    const response = await fetch(`${url}/api/whatsapp/instances/${reply.line.id}/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      body: JSON.stringify({ to: reply.client.phone.number, message: reply.token }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const body = (await response.json()) as Record<string, string>;
    return response.ok
      ? {
          kind: 'accepted',
          status: body['status'] ?? '',
          whatsappMessageId: body['whatsapp_message_id'] ?? '',
        }
      : { kind: 'refused', status: response.status, code: body['code'] ?? '' };
  } catch {
    return { kind: 'none' };
  }
}
