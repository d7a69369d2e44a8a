import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseClient } from '../../src/supabase/supabase-client.js';

/** One call of the database, as a host would log it, and when it was under way. */
export interface DatabaseCall {
  method: string;
  /** With everything that stands behind the `?`. */
  url: string;
  /** Of the function, or of the table. */
  name: string;
  startedAt: number;
  /** Infinity while there is no answer. */
  endedAt: number;
}

/** What the process does by itself, whether or not anybody calls it, and what comes of WhatsApp's receipts. */
const BY_ITSELF =
  /^(node_|acquire_|bury_|announce_|claim_|sweep_|event_heads|give_up_|purge_|apply_|release_|ingest_)/;

/** Every call that a client makes, with a round trip that takes its time. */
export class DatabaseCalls {
  readonly all: DatabaseCall[] = [];
  /** How long each answer takes in addition, in ms. */
  roundTripMs = 0;

  private constructor() {}

  /** Listens from now on. */
  static of(client: DatabaseClient): DatabaseCalls {
    const calls = new DatabaseCalls();
    const { rest } = client as unknown as { rest: { fetch: typeof fetch } };
    const inner = rest.fetch;
    rest.fetch = async (input, init) => {
      const call = calls.begin(input, init);
      try {
        const answer = await inner(input, init);
        await delay(calls.roundTripMs);
        return answer;
      } finally {
        call.endedAt = performance.now();
      }
    };
    return calls;
  }

  /**
   * What somebody waited for who asked at `from` and was answered at `to`: the longest chain of calls of which each began when
   * the one before it was answered. Calls that are under way at the same time count once.
   */
  inARow(from: number, to: number): string[] {
    const within = this.all.filter(
      ({ name, startedAt, endedAt }) => startedAt >= from && endedAt <= to && !BY_ITSELF.test(name),
    );
    const chain: DatabaseCall[] = [];
    for (const call of within.toSorted((a, b) => a.endedAt - b.endedAt)) {
      if (call.startedAt >= (chain.at(-1)?.endedAt ?? 0)) {
        chain.push(call);
      }
    }
    return chain.map(({ name }) => name);
  }

  private begin(input: Parameters<typeof fetch>[0], init: RequestInit = {}): DatabaseCall {
    const url = input instanceof Request ? input.url : String(input);
    const call = {
      method: init.method ?? 'GET',
      url,
      name: new URL(url).pathname.split('/').at(-1)!,
      startedAt: performance.now(),
      endedAt: Infinity,
    };
    this.all.push(call);
    return call;
  }
}
