import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import { SocketClient } from '../support/socket-client.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const INSTANCE = '11111111-1111-4111-8111-111111111111';
const AT = new Date('2025-10-02T12:00:00.000Z');
const clients: SocketClient[] = [];

let http: HttpApp;
let bus: DomainEventBus;

beforeAll(async () => {
  http = await startHttpApp();
  bus = http.app.get(DomainEventBus);
});
afterAll(() => http.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

async function connected(...args: Parameters<typeof SocketClient.connect> | []): Promise<SocketClient> {
  const [url = http.url, options] = args;
  const client = await SocketClient.connect(url, options);
  clients.push(client);
  return client;
}

async function joined(organizationId: string): Promise<SocketClient> {
  const client = await connected();
  await client.call('join-organization', organizationId);
  return client;
}

function message(organizationId: string, sequence: number): OutgoingEvent {
  const payload = {
    instanceId: INSTANCE,
    messageId: `M${sequence}`,
    from: '5511988776655',
    text: `text ${sequence}`,
    timestamp: AT.toISOString(),
    contactId: 'c',
    bookingId: 'b',
  };
  return { organizationId, sequence, name: 'whatsapp:message', payload };
}

describe('joining', () => {
  it.each(['org_123', 'A-z_0', 'x'.repeat(64)])('acknowledges %s', async (organizationId) => {
    const client = await connected();

    expect(await client.call('join-organization', organizationId)).toEqual({ success: true, organizationId });
  });

  it('works as the documentation does it, without acknowledgement', async () => {
    const client = await connected();
    client.socket.emit('join-organization', 'org_plain');
    await client.call('join-organization', 'org_other'); // packets of one socket are handled in order

    bus.emit('events.committed', [message('org_plain', 1)]);

    expect(await client.waitFor('whatsapp:message')).toHaveLength(1);
  });

  it('may be done twice, and receives once', async () => {
    const client = await joined('org_twice');
    await client.call('join-organization', 'org_twice');

    bus.emit('events.committed', [message('org_twice', 1)]);
    bus.emit('events.committed', [message('org_twice', 2)]);
    await client.waitFor('whatsapp:message', 2);

    expect(client.payloads('whatsapp:message').map((payload) => payload['messageId'])).toEqual(['M1', 'M2']);
  });

  it('ends with leave-organization', async () => {
    const client = await joined('org_left');
    await client.call('join-organization', 'org_stays');
    expect(await client.call('leave-organization', 'org_left')).toEqual({
      success: true,
      organizationId: 'org_left',
    });

    bus.emit('events.committed', [message('org_left', 1)]);
    bus.emit('events.committed', [message('org_stays', 1)]);
    await client.waitFor('whatsapp:message');

    expect(client.payloads('whatsapp:message')).toHaveLength(1);
  });

  it('is limited', async () => {
    const client = await connected();
    const answers: Record<string, unknown>[] = [];
    for (let index = 0; index < 105; index += 1) {
      answers.push(await client.call('join-organization', `org_${index}`));
    }

    expect(answers.filter((answer) => answer['success'] === true)).toHaveLength(100);
    expect(answers.at(-1)).toMatchObject({ success: false, code: 'too_many_organizations' });
  });
});

describe('malformed calls', () => {
  const BAD: unknown[][] = [
    [''],
    ['org 123'],
    ['x'.repeat(65)],
    ['org\u0000'],
    [null],
    [5],
    [true],
    [['org_123']],
    [{ organizationId: 'org_123' }],
    [{ toString: 'org_123' }],
    [Buffer.from('org_123')],
    ['org_123', 'org_456'],
    [],
  ];

  it.each(BAD)('answers the acknowledgement of %j', async (...args) => {
    const client = await connected();

    for (const name of ['join-organization', 'leave-organization']) {
      expect(await client.call(name, ...args)).toEqual({
        success: false,
        error: expect.stringMatching(/organization id/),
        code: 'invalid_organization_id',
      });
    }
  });

  it.each(BAD)('answers %j without acknowledgement by an exception event', async (...args) => {
    const client = await connected();
    client.socket.emit('join-organization', ...args);

    expect((await client.waitFor('exception'))[0]).toMatchObject({
      success: false,
      code: 'invalid_organization_id',
    });
  });

  it.each(['subscribe', 'message', 'error', '__proto__', 'constructor', 'whatsapp:message', ''])(
    'says that there is no event "%s"',
    async (name) => {
      const client = await connected();
      client.socket.emit(name, { any: 'thing' });
      await client.waitFor('exception');

      expect(client.payloads('exception')[0]).toMatchObject({ success: false, code: 'unknown_event' });
      expect(await client.call(name, 'x')).toMatchObject({ success: false, code: 'unknown_event' });
    },
  );

  it('relays nothing that a client sends to others', async () => {
    const sender = await joined('org_relay');
    const other = await joined('org_relay');
    await sender.call('whatsapp:message', { text: 'forged' });

    bus.emit('events.committed', [message('org_relay', 1)]);
    await other.waitFor('whatsapp:message');

    expect(other.events.map((event) => event.payload['text'])).toEqual(['text 1']);
  });

  it('ends the connection of who sends too much, and of nobody else', async () => {
    const greedy = await connected();
    const modest = await connected();
    greedy.socket.emit('join-organization', 'x'.repeat(200_000));
    await greedy.disconnected();

    expect(await modest.call('join-organization', 'org_123')).toMatchObject({ success: true });
  });

  it('survives garbage instead of a handshake', async () => {
    const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const path = '/socket.io/?EIO=4&transport=websocket';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${upgrade}${key}\r\n`);
    socket.once('data', () =>
      socket.write(Buffer.from('ff ff ff ff ff ff ff ff'.replaceAll(' ', ''), 'hex')),
    );
    await new Promise((resolve) => socket.once('close', resolve));

    expect(await (await connected()).call('join-organization', 'org_123')).toMatchObject({ success: true });
  });
});

describe('events', () => {
  it('carry exactly the documented payloads', async () => {
    const client = await joined('org_events');

    bus.emit('instance.qr_issued', {
      organizationId: 'org_events',
      instanceId: INSTANCE,
      qr: '2@abc',
      at: AT,
    });
    bus.emit('instance.pairing_code_issued', {
      organizationId: 'org_events',
      instanceId: INSTANCE,
      pairingCode: 'ABCD1234',
      expiresAt: new Date(AT.getTime() + 60_000),
      at: AT,
    });
    const timestamp = AT.toISOString();
    const link = {
      instanceId: INSTANCE,
      organizationId: 'org_events',
      phoneNumber: '5511999887766',
      timestamp,
    };
    const gone = { instanceId: INSTANCE, reason: 'logged_out' as const, timestamp };
    bus.emit('events.committed', [
      { organizationId: 'org_events', sequence: 1, name: 'whatsapp:connected', payload: link },
      message('org_events', 2),
      { organizationId: 'org_events', sequence: 3, name: 'whatsapp:disconnected', payload: gone },
    ]);
    bus.emit('chat.presence_changed', {
      organizationId: 'org_events',
      instanceId: INSTANCE,
      from: '5511988776655',
      presence: 'composing',
      lastSeen: undefined,
      at: AT,
    });
    await client.waitFor('whatsapp:presence');

    expect(client.events).toEqual([
      { name: 'whatsapp:qr', payload: { instanceId: INSTANCE, qr: '2@abc', timestamp } },
      {
        name: 'whatsapp:pairing-code',
        payload: {
          instanceId: INSTANCE,
          pairingCode: 'ABCD1234',
          expiresAt: '2025-10-02T12:01:00.000Z',
          timestamp,
        },
      },
      { name: 'whatsapp:connected', payload: { ...link, sequence: 1 } },
      { name: 'whatsapp:message', payload: { ...message('org_events', 2).payload, sequence: 2 } },
      { name: 'whatsapp:disconnected', payload: { ...gone, sequence: 3 } },
      {
        name: 'whatsapp:presence',
        payload: { instanceId: INSTANCE, from: '5511988776655', presence: 'composing', timestamp },
      },
    ]);
  });

  it('arrive in order, by polling as well', async () => {
    const client = await connected(http.url, { transports: ['polling'] });
    await client.call('join-organization', 'org_order');

    for (let batch = 0; batch < 20; batch += 1) {
      bus.emit(
        'events.committed',
        Array.from({ length: 10 }, (_, index) => message('org_order', batch * 10 + index + 1)),
      );
    }
    const received = await client.waitFor('whatsapp:message', 200);

    expect(received.map((payload) => payload['messageId'])).toEqual(
      Array.from({ length: 200 }, (_, index) => `M${index + 1}`),
    );
  });

  it('pile up for nobody who does not read them', async () => {
    const address = `${http.url}/socket.io/?EIO=4&transport=polling`;
    const opening = await (await fetch(address)).text();
    const { sid } = JSON.parse(opening.slice(1)) as { sid: string };
    const session = `${address}&sid=${sid}`;
    const post = async (body: string) => (await fetch(session, { method: 'POST', body })).text();
    await post('40');
    await (await fetch(session)).text();
    await post('420["join-organization","org_slow"]');
    await (await fetch(session)).text();

    for (let sequence = 1; sequence <= 2100; sequence += 1) {
      bus.emit('events.committed', [message('org_slow', sequence)]);
    }

    expect((await fetch(session)).status).toBe(400); // the session is gone, and what waited with it
  });

  it('reach only who joined the organization', async () => {
    const member = await joined('org_mine');
    const stranger = await joined('org_theirs');
    const bystander = await connected();

    bus.emit('events.committed', [message('org_mine', 1)]);
    bus.emit('events.committed', [message('org_theirs', 1)]);
    await Promise.all([member.waitFor('whatsapp:message'), stranger.waitFor('whatsapp:message')]);
    await bystander.call('join-organization', 'org_else');

    expect(member.events).toHaveLength(1);
    expect(stranger.events).toHaveLength(1);
    expect(bystander.events).toEqual([]);
  });
});

describe('who may connect', () => {
  const KEY = 'an-admin-key-that-is-long-enough-0123456789';
  let guarded: HttpApp;
  beforeAll(async () => {
    guarded = await startHttpApp({
      AUTH_MODE: 'required',
      ADMIN_API_KEY: KEY,
      CORS_ORIGINS: 'https://app.example.com',
    });
  });
  afterAll(() => guarded.stop());

  it.each([
    {},
    { token: 'wrong' },
    { token: 5 },
    { token: [KEY] },
    { token: { toString: KEY } },
    { key: KEY },
  ])('refuses the handshake %j before anything is joined', async (auth) => {
    await expect(SocketClient.connect(guarded.url, { auth })).rejects.toMatchObject({
      data: { success: false, code: 'unauthorized', error: expect.any(String) },
    });
  });

  it.each([
    { auth: { token: KEY } },
    { auth: { token: `Bearer ${KEY}` } },
    { extraHeaders: { authorization: `Bearer ${KEY}` } },
  ])('lets %o in', async (options) => {
    const client = await connected(guarded.url, options);

    expect(await client.call('join-organization', 'org_123')).toMatchObject({ success: true });
  });

  it('refuses web pages of other origins, and takes those that are configured', async () => {
    const from = (origin: string, transport: 'polling' | 'websocket') =>
      connected(guarded.url, { auth: { token: KEY }, transports: [transport], extraHeaders: { origin } });

    await expect(from('https://evil.example', 'websocket')).rejects.toThrow('websocket error');
    await expect(from('https://evil.example', 'polling')).rejects.toThrow('xhr poll error');
    expect((await from('https://app.example.com', 'websocket')).socket.connected).toBe(true);
    expect((await from('https://app.example.com', 'polling')).socket.connected).toBe(true);
  });

  it('answers polling pages with CORS headers', async () => {
    const response = await fetch(`${guarded.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: 'https://app.example.com' },
    });
    await response.text();

    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });
});

it('tells its clients when it stops, and does not wait for those who stay', async () => {
  const own = await startHttpApp();
  const client = await connected(own.url);
  await client.call('join-organization', 'org_123');
  await own.api.call('GET', '/health'); // leaves a kept-alive connection behind

  const stopped = own.stop().then(() => 'stopped');
  // Connections that are quiet are closed after 2 minutes anyway.
  const tooLate = delay(60_000, 'not stopped', { ref: false });

  expect(await Promise.race([stopped, tooLate])).toBe('stopped');
  await client.disconnected();
  expect(client.payloads('exception')).toMatchObject([{ code: 'shutting_down' }]);
});
