import { Agent, fetch as undiciFetch } from 'undici';
import { type LaneBounds, RequestLanes } from './request-lanes.js';

/** Bounds of the calls to a hosted database. */
export interface HostedBounds extends LaneBounds {
  /** From the call, its wait for a place included, to the head of the answer, and between two pieces of its body, in ms. */
  silenceMs: number;
  /** Of the whole call, however steadily its answer flows, in ms. */
  totalMs: number;
  /** Of the body of an answer. */
  answerBytes: number;
}

/** As many as PostgREST's pool takes without a queue of its own, and a few that are on their way. */
export const HOSTED_BOUNDS: Omit<HostedBounds, 'silenceMs'> = {
  total: 16,
  reserved: 4,
  waiting: 2_000,
  totalMs: 120_000,
  // Several times what a claim of the inbox gives, the largest there is.
  answerBytes: 64 * 1024 * 1024,
};

const KEEP_ALIVE_MS = 60_000;
const CONNECT_MS = 5_000;
/** What must not wait behind lists and sweeps: that a node lives, and what WhatsApp and callers wait for. */
const URGENT =
  /\/rpc\/(node_tick|bury_nodes|commit_session_batch|commit_and_ingest|commit_encoded_batch|answer_node_request)$/;

/** A `fetch` with connections of its own. */
export interface HostedFetch {
  fetch: typeof fetch;
  /** Ends its connections. */
  close: () => Promise<void>;
}

/**
 * @param bounds of its calls
 * @param inner does the work; by default over connections that are kept for a minute, so that what comes after a quiet time
 *   need not begin with a handshake
 * @returns a `fetch` for a database that is some way off: a bounded number of calls at a time, the urgent ones first, each
 *   given up when nothing comes of it for too long, not while its answer flows
 */
export function createHostedFetch(bounds: HostedBounds, inner?: typeof fetch): HostedFetch {
  const agent = new Agent({
    connections: bounds.total,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_MS },
    // The limits are ours.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const work =
    inner ??
    (((input: unknown, init: unknown) =>
      undiciFetch(input as string, { ...(init as object), dispatcher: agent })) as unknown as typeof fetch);
  const lanes = new RequestLanes(bounds);
  return {
    fetch: (input, init = {}) => callOnce(work, lanes, bounds, input, init),
    close: () => agent.destroy(),
  };
}

async function callOnce(
  work: typeof fetch,
  lanes: RequestLanes,
  bounds: HostedBounds,
  input: Parameters<typeof fetch>[0],
  init: RequestInit,
): Promise<Response> {
  const silence = new SilenceLimit(bounds.silenceMs);
  const signals = [
    silence.signal,
    AbortSignal.timeout(bounds.totalMs),
    ...(init.signal ? [init.signal] : []),
  ];
  const signal = AbortSignal.any(signals);
  let leave = () => undefined as void;
  const end = () => {
    silence.stop();
    signal.removeEventListener('abort', end);
    leave();
  };
  try {
    leave = await lanes.enter(URGENT.test(pathOf(input)), signal);
    // Also where the answer is not read to its end.
    signal.addEventListener('abort', end, { once: true });
    // A redirection would take the key along to wherever it points; it is an answer as any other that is not the database's.
    const answer = await work(input, { ...init, signal, redirect: 'manual' });
    silence.heard();
    if (answer.body === null) {
      end();
      return answer;
    }
    const { status, statusText, headers } = answer;
    return new Response(watched(answer.body, bounds.answerBytes, silence, end), {
      status,
      statusText,
      headers: [...headers],
    });
  } catch (error) {
    end();
    throw error;
  }
}

/** Aborts after so long without a sign of life. */
class SilenceLimit {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.timer = setTimeout(() => {
      this.controller.abort(new DOMException('The database did not answer in time', 'TimeoutError'));
    }, ms).unref();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  heard(): void {
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** The body as it comes, up to so many bytes, with word of each piece and of its end. */
function watched(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  silence: SilenceLimit,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (done) {
          onEnd();
          controller.close();
          return;
        }
        bytes += value.length;
        if (bytes > maxBytes) {
          throw new Error(`the database's answer is larger than ${maxBytes} bytes`);
        }
        silence.heard();
        controller.enqueue(value);
      } catch (error) {
        onEnd();
        controller.error(error);
        void reader.cancel(error).catch(() => undefined);
      }
    },
    cancel: async (reason) => {
      onEnd();
      await reader.cancel(reason);
    },
  });
}

function pathOf(input: Parameters<typeof fetch>[0]): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}
