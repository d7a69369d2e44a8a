import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { SocketClient } from '../support/socket-client.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const ADMIN = 'an-admin-key-that-is-long-enough-0123456789';
const GUARDED = { AUTH_MODE: 'required', ADMIN_API_KEY: ADMIN, CORS_ORIGINS: 'https://app.example.com' };
const INSTANCES = '/api/whatsapp/instances';
/** As many as one address may have that do not say who they are. */
const UNKNOWN_OF_ADDRESS = 200;

const clients: { close(): void }[] = [];
const peers: Socket[] = [];
let http: HttpApp;

afterEach(() => {
  clients.splice(0).forEach((client) => client.close());
  peers.splice(0).forEach((peer) => peer.destroy());
});

/** The service that the tests of a group have. */
function withService(environment: Record<string, string> = {}): void {
  beforeAll(async () => {
    http = await startHttpApp({ ...GUARDED, ...environment });
  });
  afterAll(() => http.stop());
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function keyOf(organizationId: string, scopes: string[] = ['read']): Promise<string> {
  await http.api.call('POST', '/api/organizations', { id: organizationId }, bearer(ADMIN));
  const path = `/api/organizations/${organizationId}/api-keys`;
  const { body } = await http.api.call<{ key: string }>('POST', path, { name: 'k', scopes }, bearer(ADMIN));
  return body.key;
}

async function connected(token: string): Promise<SocketClient> {
  const client = await SocketClient.connect(http.url, { auth: { token } });
  clients.push(client);
  return client;
}

async function connectedTimes(token: string, times: number): Promise<SocketClient[]> {
  const all: SocketClient[] = [];
  for (let index = 0; index < times; index += 1) {
    all.push(await connected(token));
  }
  return all;
}

/** A connection to Socket.IO's engine that says what it is told to, packet by packet. */
async function engine(): Promise<{ socket: WebSocket; packets: string[] }> {
  const socket = new WebSocket(`${http.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  clients.push({ close: () => socket.terminate() });
  const packets: string[] = [];
  socket.on('message', (data: Buffer) => packets.push(data.toString()));
  await once(socket, 'message');
  return { socket, packets };
}

describe('open sockets', () => {
  withService({
    SOCKETS_PER_KEY: '3',
    SOCKETS_PER_ORGANIZATION: '4',
    SOCKETS_PER_PROCESS: '8',
    SOCKETS_RESERVED: '2',
  });

  it('of one key are bounded, and leave room for other keys, organizations and administrators', async () => {
    const [greedy, colleague, stranger] = [await keyOf('org-a'), await keyOf('org-a'), await keyOf('org-b')];
    const held = await connectedTimes(greedy, 3);

    await expect(connected(greedy)).rejects.toMatchObject({
      data: {
        success: false,
        code: 'too_many_sockets',
        error: expect.stringMatching(/^This key has 3 sockets open .*close those .*SOCKETS_PER_KEY\.$/),
      },
    });
    await connected(colleague);
    await expect(connected(colleague)).rejects.toMatchObject({
      data: { code: 'too_many_sockets', error: expect.stringMatching(/^This organization has 4 sockets/) },
    });
    await connectedTimes(stranger, 2);
    // Six of eight, and the last two are for administrators.
    await expect(connected(stranger)).rejects.toMatchObject({
      data: { code: 'too_many_connections', error: expect.stringMatching(/try again later/) },
    });
    const administrator = await connected(ADMIN);
    expect(await administrator.call('join-organization', 'org-a')).toMatchObject({ success: true });
    expect(held.every(({ socket }) => socket.connected)).toBe(true);
  });
});

describe('sockets', () => {
  withService({ SOCKETS_PER_KEY: '3' });

  it('that end give their places back', async () => {
    const key = await keyOf('org-ends');
    const [first, second] = await connectedTimes(key, 3);
    first!.close();

    await expect.poll(() => connected(key).catch(() => undefined)).toBeDefined();
    // As `socket.disconnect()` says it on the wire: a packet, and the connection stays to the one who sent it.
    second!.socket.io.engine.write('41');
    await second!.disconnected();
    await expect.poll(() => connected(key).catch(() => undefined)).toBeDefined();
    await expect(connected(key)).rejects.toMatchObject({ data: { code: 'too_many_sockets' } });
  });

  it('are not more for who asks for many on one connection', async () => {
    const key = await keyOf('org-many');
    const { socket, packets } = await engine();
    for (let times = 0; times < 5; times += 1) {
      socket.send(`40${JSON.stringify({ token: key })}`);
    }

    await expect.poll(() => packets.filter((packet) => packet.startsWith('4')).length).toBe(5);
    const [admitted, refused] = ['40', '44'].map((type) => packets.filter((one) => one.startsWith(type)));
    expect([admitted!.length, refused!.length]).toEqual([3, 2]);
    expect(refused![0]).toContain('too_many_sockets');
    socket.terminate();
    await expect.poll(() => connected(key).catch(() => undefined)).toBeDefined();
  });

  it('that nobody says to be whose oust one another', async () => {
    const first = await engine();
    const ousted = once(first.socket, 'close');
    for (let opened = 0; opened < UNKNOWN_OF_ADDRESS; opened += 1) {
      await engine();
    }

    await ousted;
    expect((await connected(await keyOf('org-late'))).socket.connected).toBe(true);
  });

  it('that nobody says to be whose are closed after a while', async () => {
    const { socket, packets } = await engine();

    await once(socket, 'close');

    expect(packets).toHaveLength(1);
  });
});

/** A request whose body is long in coming. */
const slowBody = (key: string) =>
  `POST /api/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Length: 9000\r\n\r\n{`;

async function peer(text: string): Promise<Socket> {
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
  peers.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const list = async (key: string) => http.api.call('GET', INSTANCES, undefined, bearer(key));
const statusOf = async (key: string) => (await list(key)).status;

describe('requests under way', () => {
  withService({
    CONCURRENT_REQUESTS_PER_KEY: '3',
    CONCURRENT_REQUESTS_PER_ORGANIZATION: '5',
    CONCURRENT_REQUESTS_PER_ADDRESS: '4',
  });

  it('of one key are bounded, and leave room for other keys, organizations and administrators', async () => {
    const [greedy, colleague, stranger] = [await keyOf('org-a'), await keyOf('org-a'), await keyOf('org-b')];
    const slow = await Promise.all([1, 2, 3].map(() => peer(slowBody(greedy))));

    await expect.poll(() => statusOf(greedy)).toBe(429);
    const refused = await list(greedy);
    expect(refused.body).toMatchObject({
      code: 'too_many_concurrent_requests',
      error: expect.stringMatching(/^This key has 3 requests under way .*wait for answers/),
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await Promise.all([colleague, stranger, ADMIN].map(statusOf))).toEqual([200, 200, 200]);
    await Promise.all([1, 2].map(() => peer(slowBody(colleague))));
    await expect.poll(() => statusOf(colleague)).toBe(429);
    expect((await list(colleague)).body['error']).toMatch(/^This organization has 5 requests/);
    expect(await Promise.all([stranger, ADMIN].map(statusOf))).toEqual([200, 200]);
    expect((await http.api.call('GET', '/health')).status).toBe(200);

    slow.forEach((socket) => socket.destroy());
    await expect.poll(() => statusOf(greedy)).toBe(200);
  });

  it('without a token are bounded by address, and take nothing from who has one', async () => {
    const key = await keyOf('org-a');
    await Promise.all([1, 2, 3, 4].map(() => peer(slowBody('wrong'))));

    await expect.poll(async () => (await http.api.call('GET', '/api/docs-json')).status).toBe(429);
    expect(await Promise.all([key, ADMIN].map(statusOf))).toEqual([200, 200]);
  });
});

describe('exports that nobody reads', () => {
  withService();

  it('are few for each organization, and end with their reader', async () => {
    const database = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
    const [ids, keys] = [new Map<string, string>(), new Map<string, string>()];
    for (const name of ['org-a', 'org-b']) {
      keys.set(name, await keyOf(name, ['read', 'manage']));
      const { body } = await http.api.call<{ instance: { id: string } }>(
        'POST',
        INSTANCES,
        { organization_id: name, instance_name: 'One' },
        bearer(ADMIN),
      );
      const { rows } = await database.sql(
        `with person as (insert into contacts (organization_id, phone_number) values ('${name}', '5511988887777') returning id),
           texts as (
             insert into messages (organization_id, contact_id, instance_id, direction, content, chat_key, status, whatsapp_message_id)
             select '${name}', id, '${body.instance.id}', 'inbound', repeat('x', 60000), 'c', 'received', 'M' || place
               from person, generate_series(1, 400) place)
         select id from person`,
      );
      ids.set(name, String(rows[0]!['id']));
    }
    const pathOf = (name: string) => `/api/contacts/${ids.get(name)}/export?organization_id=${name}`;
    const unread = async (name: string) => {
      const socket = await peer(
        `POST ${pathOf(name)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.get(name)}\r\nContent-Length: 0\r\n\r\n`,
      );
      await once(socket, 'readable'); // the first of it is there, and nobody takes the rest
      return socket;
    };
    const exported = (name: string, key = keys.get(name)!) =>
      http.api.call('POST', pathOf(name), undefined, bearer(key));
    const [first] = [await unread('org-a'), await unread('org-a'), await unread('org-a')];

    const refused = await exported('org-a');

    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_exports' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await exported('org-b')).status).toBe(200);
    expect((await exported('org-a', ADMIN)).status).toBe(200);
    first.destroy();
    await expect.poll(async () => (await exported('org-a')).status).toBe(200);
  });
});
