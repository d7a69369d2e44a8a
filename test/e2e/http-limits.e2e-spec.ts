import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BODY_TIMES } from '../../src/http/body-timeouts.js';
import { DomainEventBus } from '../../src/common/domain-events.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import { type HttpApp, startHttpApp } from './http-app.js';
import { TestRedis } from '../support/redis.js';
import { SocketClient } from '../support/socket-client.js';

const KEY = 'an-admin-key-that-is-long-enough-0123456789';
const ORIGIN = 'https://app.example.com';
const INSTANCES = '/api/whatsapp/instances';
const GUARDED = { AUTH_MODE: 'required', ADMIN_API_KEY: KEY, CORS_ORIGINS: ORIGIN };

const authorization = `Bearer ${KEY}`;
function event(organizationId: string, sequence: number, phoneNumber = '5511999887766'): OutgoingEvent {
  const instanceId = '11111111-1111-4111-8111-111111111111';
  const payload = {
    instanceId,
    organizationId,
    phoneNumber,
    timestamp: new Date().toISOString(),
  };
  return { organizationId, sequence, name: 'whatsapp:connected', payload };
}

const running: HttpApp[] = [];
const peers: Socket[] = [];

afterEach(async () => {
  peers.splice(0).forEach((peer) => peer.destroy());
  await Promise.all(running.splice(0).map((http) => http.stop()));
});

async function start(environment: Record<string, string>): Promise<HttpApp> {
  const http = await startHttpApp(environment);
  running.push(http);
  return http;
}

async function statuses(
  http: HttpApp,
  count: number,
  headers: Record<string, string> = {},
): Promise<number[]> {
  const found: number[] = [];
  for (let call = 0; call < count; call += 1) {
    found.push((await http.api.call('GET', INSTANCES, undefined, headers)).status);
  }
  return found;
}

describe('rate limits', () => {
  it('tell how a key stands, and when to come back', async () => {
    const http = await start({ ...GUARDED, RATE_LIMIT_KEY: '2' });
    const call = () => http.api.call('GET', INSTANCES, undefined, { authorization, origin: ORIGIN });

    const first = await call();
    await call();
    const third = await call();

    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe('"key";q=2;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"key";r=1;t=(60|59)$/);
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    expect(first.headers.get('ratelimit-reset')).toMatch(/^(60|59)$/);
    expect(third).toMatchObject({ status: 429, body: { success: false, code: 'rate_limited' } });
    expect(third.headers.get('retry-after')).toBe(third.headers.get('ratelimit-reset'));
    expect(third.headers.get('ratelimit-remaining')).toBe('0');
    expect(third.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(third.headers.get('access-control-expose-headers')).toMatch(/retry-after.*ratelimit-remaining/);
  });

  it('keep who guesses out, and answer a valid key of the same address', async () => {
    const http = await start({ ...GUARDED, RATE_LIMIT_FAILED_AUTH: '3' });
    const guess = { authorization: 'Bearer wrong' };

    expect(await statuses(http, 5, guess)).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses(http, 1, { authorization })).toEqual([200]);
    await expect(SocketClient.connect(http.url, { auth: { token: 'wrong' } })).rejects.toMatchObject({
      data: { code: 'rate_limited', error: expect.stringMatching(/try again in \d+ s/) },
    });
    const client = await SocketClient.connect(http.url, { auth: { token: KEY } });
    client.close();
  });

  it('leave probes alone', async () => {
    const http = await start({ RATE_LIMIT_ADDRESS: '1' });

    for (let call = 0; call < 5; call += 1) {
      expect((await http.api.call('GET', '/health/live')).status).toBe(200);
    }
    expect(await statuses(http, 2)).toEqual([200, 429]);
    expect((await http.api.call('GET', '/nothing')).status).toBe(429);
  });

  it('count by the address that a trusted proxy names, and believe nobody else', async () => {
    const behind = await start({ RATE_LIMIT_ADDRESS: '1', TRUST_PROXY: 'loopback' });
    const direct = await start({ RATE_LIMIT_ADDRESS: '1' });
    const from = (address: string) => ({ 'x-forwarded-for': `6.6.6.6, ${address}` });

    expect(await statuses(behind, 2, from('203.0.113.1'))).toEqual([200, 429]);
    expect(await statuses(behind, 1, from('203.0.113.2'))).toEqual([200]);
    expect(await statuses(direct, 1, from('203.0.113.1'))).toEqual([200]);
    expect(await statuses(direct, 1, from('203.0.113.2'))).toEqual([429]);
  });

  it('hold for what sockets send', async () => {
    const http = await start({ ...GUARDED, RATE_LIMIT_KEY: '3' });
    const client = await SocketClient.connect(http.url, { auth: { token: KEY } });
    const join = () => client.call('join-organization', 'org_123');

    expect([await join(), await join()]).toMatchObject([{ success: true }, { success: true }]);
    expect(await join()).toMatchObject({ success: false, code: 'rate_limited' });
    expect(await client.call('nonsense')).toMatchObject({ success: false, code: 'rate_limited' });
    client.close();
  });

  it('are shared by processes over Redis, and kept by each alone while it is away', async () => {
    const redis = await TestRedis.start();
    try {
      const environment = { ...GUARDED, REDIS_URL: redis.url, RATE_LIMIT_KEY: '40' };
      const [one, other] = [await start(environment), await start(environment)];

      const answered = async (http: HttpApp, count: number) =>
        (await statuses(http, count, { authorization })).filter((status) => status === 200).length;
      expect(await answered(one, 20)).toBe(20);
      // 20 and none, but for calls that Redis was too slow for: those count for their process alone. Each alone has 40.
      const atOther = await answered(other, 40);
      expect(atOther).toBeGreaterThanOrEqual(20);
      expect(atOther).toBeLessThan(40);
      expect(await answered(one, 20)).toBeLessThan(20);
      await redis.kill();
      const third = await start({ ...environment, RATE_LIMIT_KEY: '2' });
      expect(await statuses(third, 3, { authorization })).toEqual([200, 200, 429]);
    } finally {
      await Promise.all(running.splice(0).map((http) => http.stop()));
      await redis.stop();
    }
  });
});

const SLOW_HEADERS = 'GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ';
const SLOW_BODY = 'POST /api/contacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\n{';

const SLOW_FILE = `POST /api/media?organization_id=org_123 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`;

describe('slow peers', () => {
  let http: HttpApp;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    http = await startHttpApp({ ...GUARDED, CONNECTIONS_PER_ADDRESS: '40' });
    server = http.app.getHttpServer() as Server;
    port = Number(new URL(http.url).port);
  });
  afterAll(() => http.stop());

  /** Opens a connection, sends this and then a byte now and then. */
  async function peer(text: string, everyMs?: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    peers.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    if (everyMs !== undefined) {
      const drip = setInterval(() => socket.write('x'), everyMs);
      socket.once('close', () => clearInterval(drip));
    }
    return socket;
  }

  async function openConnections(): Promise<number> {
    return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  }

  it('oust one another, and not who has something to say', async () => {
    const client = await SocketClient.connect(http.url, { auth: { token: KEY } });
    for (let opened = 0; opened < 100; opened += 1) {
      await peer(SLOW_HEADERS, 50);
    }

    expect(await statuses(http, 3, { authorization, connection: 'close' })).toEqual([200, 200, 200]);
    expect(await client.call('join-organization', 'org_123')).toMatchObject({ success: true });
    expect(await openConnections()).toBeLessThanOrEqual(40);
    client.close();
  });

  it('who never read what they listen to are dropped, and others hear all of it', async () => {
    const [deaf, client] = [
      await SocketClient.connect(http.url, { auth: { token: KEY } }),
      await SocketClient.connect(http.url, { auth: { token: KEY } }),
    ];
    await Promise.all([deaf, client].map((one) => one.call('join-organization', 'org_loud')));
    const { ws } = deaf.socket.io.engine.transport as unknown as { ws: WebSocket };
    ws.pause();
    const bus = http.app.get(DomainEventBus);
    for (let sequence = 1; sequence <= 500; sequence += 1) {
      bus.emit('events.committed', [event('org_loud', sequence, '5'.repeat(60_000))]);
      await client.waitFor('whatsapp:connected', sequence);
    }
    ws.resume();
    await deaf.disconnected();

    expect(deaf.payloads('whatsapp:connected').length).toBeLessThan(400);
    client.close();
  });

  it('and who guesses keys leave others their calls and events', async () => {
    const client = await SocketClient.connect(http.url, { auth: { token: KEY } });
    await client.call('join-organization', 'org_calm');
    const bus = http.app.get(DomainEventBus);
    const slow = Array.from({ length: 8 }, () => [peer(SLOW_HEADERS, 50), peer(SLOW_BODY, 50), peer('')]);
    await Promise.all(slow.flat());
    let guessing = 8;
    const attack = Promise.all(
      Array.from({ length: guessing }, (_, guesser) => guess(guesser, 3, 100).finally(() => (guessing -= 1))),
    );
    const answers: number[] = [];
    for (let sequence = 1; guessing > 0; sequence += 1) {
      bus.emit('events.committed', [event('org_calm', sequence)]);
      answers.push(...(await statuses(http, 1, { authorization })));
      await client.waitFor('whatsapp:connected', sequence);
    }

    expect(new Set((await attack).flat())).toEqual(new Set(['401', '429']));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(answers.length).toBeGreaterThan(5);
    client.close();
  });

  /** Sends guessed keys that look right, many before the first answer. @returns the statuses of all answers */
  async function guess(guesser: number, times: number, atOnce: number): Promise<string[]> {
    const call = (index: number) => {
      const key = `auz_${String(guesser * 10_000 + index).padStart(8, '0')}_${'x'.repeat(43)}`;
      return `GET ${INSTANCES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n\r\n`;
    };
    const calls = Array.from({ length: times * atOnce }, (_, index) => call(index));
    const socket = await peer(calls.splice(0, atOnce).join(''));
    let read = '';
    let found: string[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      read += chunk.toString('latin1'); // a status line may come in two parts
      found = [...read.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!);
      if (found.length === times * atOnce) {
        break;
      }
      if (found.length % atOnce === 0) {
        socket.write(calls.splice(0, atOnce).join(''));
      }
    }
    return found;
  }

  it('are cut off who ask on and on without waiting for answers', async () => {
    const endless = await peer('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(300));
    endless.resume();
    await once(endless, 'close');

    expect(await statuses(http, 1, { authorization })).toEqual([200]);
  });

  it('keep their connections where all of one address are in use', async () => {
    const clients: SocketClient[] = [];
    for (let opened = 0; opened < 40; opened += 1) {
      clients.push(await SocketClient.connect(http.url, { auth: { token: KEY } }));
    }

    await expect(SocketClient.connect(http.url, { auth: { token: KEY } })).rejects.toThrow('websocket error');
    expect(clients.every(({ socket }) => socket.connected)).toBe(true);
    clients.forEach((client) => client.close());
    await Promise.all(clients.map((client) => client.disconnected()));
    await expect.poll(() => statuses(http, 1, { authorization })).toEqual([200]);
  });

  it('are cut off: who says nothing, or nothing more, who drips headers, who drips a body or a file, who never reads', async () => {
    const { headersTimeout, keepAliveTimeout, timeout } = server;
    const times = { ...BODY_TIMES };
    Object.assign(server, { headersTimeout: 200, keepAliveTimeout: 200, timeout: 300 });
    Object.assign(BODY_TIMES, { wholeMs: 400, windowMs: 400 });
    const accepted: Socket[] = [];
    server.on('connection', (socket: Socket) => accepted.push(socket));
    try {
      await peer('');
      await peer('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await peer(SLOW_HEADERS, 50);
      await peer(SLOW_BODY, 50);
      await peer(SLOW_FILE, 50);
      const deaf = await peer(
        'GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20),
      );
      deaf.pause();

      const counts = () => ({
        accepted: accepted.length,
        open: accepted.filter(({ destroyed }) => !destroyed).length,
      });
      await expect.poll(counts).toEqual({ accepted: 6, open: 0 });
    } finally {
      Object.assign(server, { headersTimeout, keepAliveTimeout, timeout });
      Object.assign(BODY_TIMES, times);
    }
  });
});
