import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { EgressFetch, type EgressRequest, type Resolve } from './egress-fetch.js';

const servers: Server[] = [];
const LIMITS: EgressRequest = { timeoutMs: 30_000, maxBytes: 1_000 };

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** What must not be reached: a service of this machine. */
async function innerServer(listener: RequestListener = (_request, response) => response.end('inside')) {
  const server = createServer(listener);
  servers.push(server);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** A name server that says something else each time, and at last always the same. */
function resolving(...answers: string[][]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve = (host: string): Promise<LookupAddress[]> => {
    asked.push(host);
    const addresses = answers.length > 1 ? answers.shift()! : answers[0]!;
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
  return Object.assign(resolve, { asked });
}

function fetcher(resolve: Resolve, egressAllow: string[] = []): EgressFetch {
  return new EgressFetch({ isProduction: false, egressAllow }, resolve);
}

describe('EgressFetch', () => {
  it.each([
    ['a private one', ['127.0.0.1']],
    ['a private one beside a public one', ['93.184.215.14', '127.0.0.1']],
    ['a private one in IPv6 clothes', ['::ffff:127.0.0.1']],
    ['none', []],
  ])('connects to no name whose address is %s', async (_kind, addresses) => {
    const inner = await innerServer();

    const call = fetcher(resolving(addresses)).fetch(`http://evil.example:${inner.port}/`, LIMITS);

    const code = addresses.length === 0 ? 'egress_unreachable' : 'url_not_allowed';
    await expect(call).rejects.toMatchObject({ code });
    expect(inner.connections()).toBe(0);
  });

  it('connects to no name that turns private once it was checked (DNS rebinding)', async () => {
    const inner = await innerServer();
    // First an address that may be called, at which nobody listens; from then on the inner server's.
    const resolve = resolving(['127.0.0.2'], ['127.0.0.1']);
    const outside = fetcher(resolve, ['127.0.0.2']);
    const call = () => outside.fetch(`http://rebound.example:${inner.port}/`, { ...LIMITS, timeoutMs: 500 });

    await expect(call()).rejects.toMatchObject({ code: expect.stringMatching(/unreachable|timeout/) });
    expect(resolve.asked).toHaveLength(1);
    await expect(call()).rejects.toMatchObject({ code: 'url_not_allowed' });
    expect(inner.connections()).toBe(0);
  });

  it('asks once for each call, and connects to what it was told then', async () => {
    const inner = await innerServer((request, response) => response.end(request.headers.host));
    const resolve = resolving(['127.0.0.1'], ['127.0.0.2']);
    const outside = fetcher(resolve, ['127.0.0.1']);

    const answer = await outside.fetch(`http://hooks.example:${inner.port}/`, LIMITS);

    expect(answer).toMatchObject({ status: 200, body: Buffer.from(`hooks.example:${inner.port}`) });
    expect(resolve.asked).toEqual(['hooks.example']);
    await expect(outside.fetch(`http://hooks.example:${inner.port}/`, LIMITS)).rejects.toMatchObject({
      code: 'url_not_allowed',
    });
  });

  it('sends what it is given to a host that the operator allows', async () => {
    const inner = await innerServer((request, response) => {
      request.on('data', (chunk: Buffer) => response.write(chunk));
      request.on('end', () => response.end(` ${request.method} ${request.headers['x-signature'] as string}`));
    });
    const answer = await fetcher(resolving(['127.0.0.1']), ['n8n']).fetch(`http://n8n:${inner.port}/`, {
      ...LIMITS,
      method: 'POST',
      headers: { 'x-signature': 'abc' },
      body: '{"a":1}',
    });

    expect(answer.body.toString()).toBe('{"a":1} POST abc');
  });

  it('follows no redirect', async () => {
    const target = await innerServer();
    const location = `http://127.0.0.1:${target.port}/`;
    const inner = await innerServer((_request, response) => response.writeHead(302, { location }).end());

    const answer = await fetcher(resolving(['127.0.0.1']), ['own']).fetch(
      `http://own:${inner.port}/`,
      LIMITS,
    );

    expect(answer).toMatchObject({ status: 302, headers: { location } });
    expect(target.connections()).toBe(0);
  });

  it('reads no more than it was told', async () => {
    const endless = await innerServer((_request, response) => {
      response.on('drain', () => response.write('x'.repeat(500)));
      response.write('x'.repeat(100_000));
    });

    await expect(
      fetcher(resolving(['127.0.0.1']), ['own']).fetch(`http://own:${endless.port}/`, LIMITS),
    ).rejects.toMatchObject({ code: 'egress_answer_too_large' });
  });

  it('gives a large answer while it comes, and ends it with its signal', async () => {
    const endless = await innerServer((_request, response) => {
      response.on('drain', () => response.write('x'.repeat(100_000)));
      response.write('x'.repeat(100_000));
    });
    const controller = new AbortController();
    const outside = fetcher(resolving(['127.0.0.1']), ['own']);

    const answer = await outside.open(`http://own:${endless.port}/`, { signal: controller.signal });

    const read = async () => {
      let bytes = 0;
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > 200_000) {
          controller.abort();
        }
      }
    };
    expect(answer.statusCode).toBe(200);
    await expect(read()).rejects.toThrow(/abort/);
    await expect(
      fetcher(resolving(['127.0.0.1'])).open(`http://inner.example:${endless.port}/`, {
        signal: AbortSignal.timeout(1_000),
      }),
    ).rejects.toMatchObject({ code: 'url_not_allowed' });
  });

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['never ends', (_request, response) => void response.write('x')],
  ])('waits no longer than it was told for one who %s', async (_kind, listener) => {
    const inner = await innerServer(listener);
    const outside = fetcher(resolving(['127.0.0.1']), ['own']);

    await expect(
      outside.fetch(`http://own:${inner.port}/`, { ...LIMITS, timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'egress_timeout' });
  });

  it('waits no longer than it was told for a name server', async () => {
    const silent: Resolve = () => new Promise(() => undefined);

    await expect(
      fetcher(silent).fetch('http://slow.example/', { ...LIMITS, timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'egress_timeout' });
  });

  it('says that nobody is there', async () => {
    const resolve: Resolve = () => Promise.reject(new Error('ENOTFOUND'));

    await expect(fetcher(resolve).fetch('http://gone.example/', LIMITS)).rejects.toMatchObject({
      code: 'egress_unreachable',
    });
  });
});
