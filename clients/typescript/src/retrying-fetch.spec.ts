import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuzapError } from './auzap-error.js';
import { backoffMs } from './backoff.js';
import { retryingFetch } from './retrying-fetch.js';

type Reply = Response | Error;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const answer = (status: number, headers: Record<string, string> = {}, body: object = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** A service that answers so, one after the other, and counts. */
function aService(...replies: Reply[]) {
  const asked: { atMs: number; key: string | null; body: string }[] = [];
  const startMs = Date.now();
  const fetch = async (request: Request): Promise<Response> => {
    asked.push({
      atMs: Date.now() - startMs,
      key: request.headers.get('idempotency-key'),
      body: await request.text(),
    });
    const reply = replies[asked.length - 1]!;
    if (reply instanceof Error) {
      throw reply;
    }
    return reply;
  };
  return { asked, fetch };
}

async function ask(
  service: ReturnType<typeof aService>,
  init: RequestInit = {},
  policy: { retries?: number; timeoutMs?: number } = {},
): Promise<Response | AuzapError> {
  const call = retryingFetch({ retries: 3, timeoutMs: 1_000, ...policy, fetch: service.fetch });
  const outcome = call(new Request('http://service/api/x', init)).catch(
    (error: unknown) => error as AuzapError,
  );
  await vi.runAllTimersAsync();
  return outcome;
}

const post = (headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: '{"a":1}',
  headers,
});
const lost = () => new TypeError('fetch failed');

describe('a call that can be repeated', () => {
  it.each([
    ['reads', {}],
    ['is under a key', post({ 'idempotency-key': 'k' })],
  ])('is repeated where it %s, with the same body and key', async (_what, init) => {
    const service = aService(lost(), answer(503), answer(502), answer(200));

    expect(await ask(service, init)).toMatchObject({ status: 200 });

    expect(service.asked.map(({ key, body }) => [key, body])).toEqual(
      Array(4).fill('method' in init ? ['k', '{"a":1}'] : [null, '']),
    );
  });

  it('ends with the last answer, or the last error', async () => {
    const unavailable = aService(...Array.from({ length: 4 }, () => answer(503)));
    const unreachable = aService(...Array.from({ length: 4 }, lost));

    expect(await ask(unavailable)).toMatchObject({ status: 503 });
    expect(await ask(unreachable)).toMatchObject({ code: 'network_error', status: 0 });
    expect([unavailable.asked.length, unreachable.asked.length]).toEqual([4, 4]);
  });

  it('waits as long as the service says, and leaves more than a minute to the caller', async () => {
    const soon = aService(answer(503, { 'retry-after': '20' }), answer(200));
    const late = aService(answer(429, { 'retry-after': '600' }));

    await ask(soon);
    const outcome = await ask(late);

    expect(soon.asked[1]!.atMs).toBeGreaterThanOrEqual(20_000);
    expect(outcome).toMatchObject({ status: 429 });
  });

  it.each([400, 401, 404, 409, 412, 422, 500])('is not repeated after %i', async (status) => {
    const service = aService(answer(status));

    expect(await ask(service)).toMatchObject({ status });
  });

  it('counts an answer that breaks off as none', async () => {
    const cut = new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"a"'));
          controller.error(new TypeError('terminated'));
        },
      }),
      { headers: { 'content-type': 'application/json' } },
    );

    expect(await ask(aService(cut, answer(200)))).toMatchObject({ status: 200 });
  });
});

describe('a call that does something each time', () => {
  it('is not repeated where nobody knows what became of it', async () => {
    const service = aService(lost());

    expect(await ask(service, post())).toMatchObject({ code: 'network_error' });
    expect(await ask(aService(answer(503)), post())).toMatchObject({ status: 503 });
    expect(service.asked).toHaveLength(1);
  });

  it('is repeated where it was not worked on', async () => {
    const service = aService(answer(429, { 'retry-after': '1' }), answer(200));

    expect(await ask(service, post())).toMatchObject({ status: 200 });
  });
});

it('gives a try up in time, with an error that says so', async () => {
  const hanging = {
    asked: [],
    fetch: ({ signal }: Request) =>
      new Promise<Response>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
  };

  expect(await ask(hanging, {}, { retries: 1 })).toMatchObject({ code: 'timeout' });
});

it('gives up at once, also while it waits, when the caller does', async () => {
  const leaving = new AbortController();
  const service = aService(answer(503, { 'retry-after': '30' }));
  const call = retryingFetch({ retries: 3, timeoutMs: 1_000, fetch: service.fetch });
  const outcome = call(new Request('http://service/api/x', { signal: leaving.signal })).catch(
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(10);
  leaving.abort(new DOMException('left', 'AbortError'));

  expect(await outcome).toMatchObject({ name: 'AbortError' });
  expect(service.asked).toHaveLength(1);
});

it('waits longer each time, up to a bound, and never the same', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map((tries) => backoffMs(tries, 1))).toEqual([
    400, 800, 1_600, 3_200, 6_400, 8_000, 8_000,
  ]);
  expect(backoffMs(1, 0)).toBe(200);
});
