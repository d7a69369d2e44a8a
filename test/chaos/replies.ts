import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceEndpoint } from './service-endpoint.js';
import { tally } from './findings.js';
import type { LoadOptions } from './options.js';
import type { Random } from './random.js';
import type { Client, LinkedNumber, Population } from './population.js';

/** What the caller of a send was told. */
export type ReplyAnswer =
  | { kind: 'under way' }
  | { kind: 'accepted'; status: string; whatsappMessageId: string }
  | { kind: 'refused'; status: number; code: string }
  /** The process ended, or the connection to it, before it answered. */
  | { kind: 'none' };

/** A message that was sent through the API, by a text that occurs once. */
export interface Reply {
  token: string;
  /** Its `Idempotency-Key`, if it has one. */
  key: string | undefined;
  linkedNumber: LinkedNumber;
  client: Client;
  answer: ReplyAnswer;
  /** What the same key was answered when everything was over. */
  repeated?: ReplyAnswer;
}

const MAX_UNDER_WAY = 20;
const ANSWER_LIMIT_MS = 60_000;
const REPEAT_PAUSE_MS = 300;
const SHARE_WITH_KEY = 0.5;
const SHARE_TO_NEW_CLIENTS = 0.1;
/** Keys asked again at the end: the newest, because that takes a moment each. */
const MAX_REPEATED = 200;
const REPEATED_AT_ONCE = 10;

/** Sends messages through the API, at random; some with a key, which are repeated until there is an answer. */
export class Replies {
  readonly all: Reply[] = [];
  private readonly endpoint: ServiceEndpoint;
  private readonly population: Population;
  private readonly options: LoadOptions;
  private readonly random: Random;
  private readonly withKeys: boolean;
  private readonly underWay = new Set<Promise<void>>();
  private isOver = false;

  constructor(
    endpoint: ServiceEndpoint,
    population: Population,
    options: LoadOptions,
    random: Random,
    withKeys: boolean,
  ) {
    this.endpoint = endpoint;
    this.population = population;
    this.options = options;
    this.random = random;
    this.withKeys = withKeys;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.options.replies > 0) {
      const pause = this.random.pause(this.options.replies);
      await delay(pause, undefined, { signal: stop }).catch(() => undefined);
      if (!stop.aborted) {
        this.sendOne();
      }
    }
    this.isOver = true;
  }

  /** Sends one, unless there is nobody to take it. */
  sendOne(linkedNumber: LinkedNumber = this.random.pick(this.population.linkedNumbers)): void {
    if (this.endpoint.url === undefined || this.underWay.size >= MAX_UNDER_WAY) {
      return;
    }
    const isNew = this.random.chance(SHARE_TO_NEW_CLIENTS);
    const client = isNew ? this.population.addClient() : this.population.someClient();
    if (client.isHidden) {
      return;
    }
    const token = `r-${this.all.length}`;
    const reply: Reply = {
      token,
      key: this.withKeys && this.random.chance(SHARE_WITH_KEY) ? `chaos-${token}` : undefined,
      linkedNumber,
      client,
      answer: { kind: 'under way' },
    };
    this.all.push(reply);
    const done: Promise<void> = this.deliver(reply).finally(() => this.underWay.delete(done));
    this.underWay.add(done);
  }

  /** Waits for the answers. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Asks again for keys whose send was accepted: the answer must be the same message. */
  async repeatKeys(): Promise<void> {
    const keyed = this.all.filter(({ key, answer }) => key !== undefined && answer.kind === 'accepted');
    const waiting = keyed.slice(-MAX_REPEATED);
    const repeatNext = async () => {
      for (let reply = waiting.pop(); reply; reply = waiting.pop()) {
        const { url } = this.endpoint;
        if (url !== undefined) {
          reply.repeated = await post(url, reply);
        }
      }
    };
    await Promise.all(Array.from({ length: REPEATED_AT_ONCE }, repeatNext));
  }

  /** How many got which answer. */
  answers(): Record<string, number> {
    const names = this.all.map(
      ({ answer, key }) => `${nameOf(answer)}, ${key === undefined ? 'without' : 'with'} a key`,
    );
    return Object.fromEntries([...tally(names, (name) => name)].toSorted(([a], [b]) => a.localeCompare(b)));
  }

  private async deliver(reply: Reply): Promise<void> {
    const { url } = this.endpoint;
    if (url !== undefined) {
      reply.answer = await post(url, reply);
    }
    // With a key, whoever got no answer that settles it asks again, until there is one.
    while (reply.key !== undefined && isOpen(reply.answer) && !this.isOver) {
      await delay(REPEAT_PAUSE_MS);
      const again = this.endpoint.url;
      if (again !== undefined) {
        reply.answer = await post(again, reply);
      }
    }
  }
}

function isOpen(answer: ReplyAnswer): boolean {
  return answer.kind === 'none' || (answer.kind === 'refused' && answer.code === 'database_unavailable');
}

function nameOf(answer: ReplyAnswer): string {
  return answer.kind === 'accepted'
    ? `accepted (${answer.status})`
    : answer.kind === 'refused'
      ? `refused (${answer.code || answer.status})`
      : answer.kind;
}

async function post(url: string, reply: Reply): Promise<ReplyAnswer> {
  const { key } = reply;
  try {
    const response = await fetch(`${url}/api/whatsapp/instances/${reply.linkedNumber.id}/send`, {
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
