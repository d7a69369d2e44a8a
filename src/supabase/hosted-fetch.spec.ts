import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHostedFetch, type HostedBounds, type HostedFetch } from './hosted-fetch.js';

const BOUNDS: HostedBounds = {
  total: 4,
  reserved: 1,
  waiting: 10,
  silenceMs: 30_000,
  totalMs: 60_000,
  answerBytes: 1_000_000,
};

const servers: Server[] = [];
const clients: HostedFetch[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers when the test says so. */
async function start(listener: RequestListener, bounds: Partial<HostedBounds> = {}) {
  const server = createServer(listener);
  servers.push(server);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const client = createHostedFetch({ ...BOUNDS, ...bounds });
  clients.push(client);
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rest/v1`;
  return {
    base,
    call: (path: string, init: RequestInit = { method: 'POST', body: '{}' }) =>
      client.fetch(base + path, init),
    read: async (path: string) => (await client.fetch(base + path, { method: 'POST', body: '{}' })).text(),
    connections: () => connections,
  };
}

/** Holds every call; in the order in which they came. */
function holding() {
  const held: { path: string; response: ServerResponse }[] = [];
  const listener: RequestListener = ({ url }, response) => void held.push({ path: url!, response });
  return { held, listener, paths: () => held.map(({ path }) => path.split('/').at(-1)) };
}

describe('createHostedFetch', () => {
  it('makes a bounded number of calls at a time, and keeps places for urgent ones', async () => {
    const { held, listener, paths } = holding();
    const { read, connections } = await start(listener);
    const bulk = ['/b1', '/b2', '/b3', '/b4', '/b5'].map(read);
    await vi.waitFor(() => expect(held).toHaveLength(3));
    const urgent = ['/rpc/node_tick', '/rpc/commit_session_batch'].map(read);
    await vi.waitFor(() => expect(held).toHaveLength(4));
    expect(paths().at(-1)).toBe('node_tick');

    // The place of a bulk call goes to the urgent one that waits.
    held[0]!.response.end('[]');
    await vi.waitFor(() => expect(held).toHaveLength(5));
    expect(paths().at(-1)).toBe('commit_session_batch');
    for (let index = 1; index < 7; index++) {
      await vi.waitFor(() => expect(held.length).toBeGreaterThan(index));
      held[index]!.response.end('[]');
    }

    expect(await Promise.all([...bulk, ...urgent])).toEqual(Array.from({ length: 7 }, () => '[]'));
    expect(connections()).toBeLessThanOrEqual(4);
  });

  it.each(['commit_session_batch', 'commit_and_ingest', 'commit_encoded_batch', 'node_tick'])(
    'does not let %s wait behind bulk calls, however many of them wait',
    async (name) => {
      const { held, listener, paths } = holding();
      const { read } = await start(listener, { total: 2, waiting: 1, silenceMs: 1_000 });
      const bulk = [read('/b1'), read('/b2')];
      await vi.waitFor(() => expect(held).toHaveLength(1));
      const urgent = [read(`/rpc/${name}`), read(`/rpc/${name}`)];
      await vi.waitFor(() => expect(paths()).toEqual(['b1', name]));
      held[0]!.response.end('[]');
      await vi.waitFor(() => expect(paths()).toEqual(['b1', name, name]));
      await Promise.allSettled([...bulk, ...urgent]);
    },
  );

  it.each([301, 302, 307, 308])(
    'follows no redirection with %i: the key goes where it belongs alone',
    async (status) => {
      const elsewhere = vi.fn<RequestListener>((_request, response) => response.end('[]'));
      const { base } = await start(elsewhere);
      const { call } = await start((_request, response) =>
        response.writeHead(status, { location: `${base}/rpc/node_tick` }).end(),
      );

      const answer = await call('/rpc/node_tick', {
        method: 'POST',
        body: '{}',
        headers: { apikey: 'a-key' },
      });

      expect(answer.status).toBe(status);
      expect(elsewhere).not.toHaveBeenCalled();
    },
  );

  it('gives an answer up that is too large, and gives its place back', async () => {
    const { call } = await start(
      ({ url }, response) => {
        const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
        response.once('close', () => clearInterval(timer));
        if (url!.endsWith('/quick')) {
          response.end('ok');
        }
      },
      { total: 2, answerBytes: 10_000 },
    );

    await expect((await call('/endless')).text()).rejects.toThrow('larger than 10000 bytes');
    expect(await (await call('/quick')).text()).toBe('ok');
  });

  it('uses the same connection for what comes later', async () => {
    const { read, connections } = await start((_request, response) => response.end('{}'));
    for (let index = 0; index < 10; index++) {
      await read('/rpc/event_heads');
    }
    // The first may still be busy with an answer that was read already.
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it('counts the wait for a place in the time that a call has', async () => {
    const { held, listener } = holding();
    const { call } = await start(listener, { total: 2, silenceMs: 300 });
    const outcomes = await Promise.allSettled([call('/a'), call('/b')]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason))).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('did not answer in time')),
    );
    expect(held).toHaveLength(1);
  });

  it('refuses what is more than may wait', async () => {
    const { listener } = holding();
    const { call } = await start(listener, { total: 2, waiting: 1, silenceMs: 300 });
    const calls = [call('/a'), call('/b')];
    await expect(call('/c')).rejects.toThrow('too many calls wait');
    await Promise.allSettled(calls);
  });

  it('does not end an answer that takes longer than its limit as long as it flows', async () => {
    const pieces = 6;
    const { call } = await start(
      (_request, response) => {
        let sent = 0;
        const timer = setInterval(() => {
          response.write('x'.repeat(1000));
          if (++sent === pieces) {
            clearInterval(timer);
            response.end();
          }
        }, 150);
      },
      { silenceMs: 500 },
    );
    const startedAt = performance.now();
    expect(await (await call('/rpc/acquire_session')).text()).toHaveLength(pieces * 1000);
    expect(performance.now() - startedAt).toBeGreaterThan(500);
  });

  it('ends an answer that stops flowing, and gives its place back', async () => {
    const { call } = await start(
      ({ url }, response) => void (url!.endsWith('/quick') ? response.end('ok') : response.write('x')),
      { total: 2, silenceMs: 300 },
    );
    const stuck = await call('/stuck');
    await expect(stuck.text()).rejects.toThrow('did not answer in time');
    expect(await (await call('/quick')).text()).toBe('ok');
  });

  it('ends at the signal of its caller, also while it waits for a place', async () => {
    const { held, listener } = holding();
    const { call } = await start(listener, { total: 2 });
    const abort = new AbortController();
    const calls = ['/a', '/b'].map((path) => call(path, { signal: abort.signal }));
    await vi.waitFor(() => expect(held).toHaveLength(1));
    abort.abort(new Error('enough'));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = call('/c');
    await vi.waitFor(() => expect(held).toHaveLength(2));
    held[1]!.response.end('{}');
    expect(await (await next).text()).toBe('{}');
  });
});
