import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { RealtimeGateway } from '../../src/realtime/realtime.gateway.js';
import { appendEvents, expireEvents } from '../support/append-events.js';
import { TestRedis } from '../support/redis.js';
import { AccessFixture, ADMIN_KEY, FOREIGN, HOME, userToken } from './access-fixture.js';

let redis: TestRedis | undefined;
let fixture: AccessFixture;
const sockets: Socket[] = [];

afterEach(() => sockets.splice(0).forEach((socket) => socket.close()));

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);
const append = (organizationId: string, count: number, length?: number) =>
  appendEvents(fixture.http, organizationId, { count, ...(length && { length }) });

/** A client as Socket.IO's own is, which comes back when its line drops, but no sooner than the test wants. */
class Client {
  readonly sequences: number[] = [];
  readonly others: { name: string; payload: Record<string, unknown> }[] = [];
  readonly socket: Socket;
  private looks = new Set<() => void>();

  constructor(token: string) {
    this.socket = io(fixture.http.url, {
      auth: { token },
      forceNew: true,
      reconnection: false,
      transports: ['websocket'],
    });
    sockets.push(this.socket);
    this.socket.onAny((name: string, payload: Record<string, unknown>) => {
      if (typeof payload['sequence'] === 'number') {
        this.sequences.push(payload['sequence']);
      } else {
        this.others.push({ name, payload });
      }
      this.looks.forEach((look) => look());
    });
  }

  call(name: string, ...args: unknown[]): Promise<Record<string, unknown>> {
    return this.socket.timeout(30_000).emitWithAck(name, ...args) as Promise<Record<string, unknown>>;
  }

  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) {
      await new Promise<void>((resolve) => this.looks.add(resolve));
    }
  }

  /** The line is gone; the service learns it at once. */
  async drop(): Promise<void> {
    const { id } = this.socket;
    this.socket.io.engine.close();
    await vi.waitUntil(() => !isOpen(id!), { timeout: 30_000 });
  }

  /** @returns whether Socket.IO recovered it */
  async comeBack(): Promise<boolean> {
    const back = new Promise<boolean>((resolve, reject) => {
      this.socket.once('connect', () => resolve(this.socket.recovered));
      this.socket.once('connect_error', reject);
    });
    this.socket.connect();
    return back;
  }
}

/** Whether the service still has a socket. */
function isOpen(id: string): boolean {
  const { server } = fixture.http.app.get(RealtimeGateway, { strict: false }) as unknown as {
    server: { of(name: string): { sockets: Map<string, unknown> } };
  };
  return server.of('/').sockets.has(id);
}

async function connected(token = ADMIN_KEY): Promise<Client> {
  const client = new Client(token);
  await new Promise((resolve) => client.socket.once('connect', () => resolve(undefined)));
  return client;
}

/** Has heard of events up to the third. */
async function listening(organizationId: string, token?: string): Promise<Client> {
  const client = await connected(token);
  await append(organizationId, 1);
  const { sequence } = await client.call('join-organization', organizationId, {});
  await append(organizationId, 2);
  await client.until(() => client.sequences.at(-1) === Number(sequence) + 2);
  client.sequences.length = 0;
  return client;
}

describe.each([{ hasRedis: false }, { hasRedis: true }])(
  'a socket whose line drops, redis: $hasRedis',
  ({ hasRedis }) => {
    beforeAll(async () => {
      redis = hasRedis ? await TestRedis.start() : undefined;
      fixture = await AccessFixture.start(redis && { REDIS_URL: redis.url, RUN_WORKER: 'true' });
    });
    afterAll(async () => {
      await fixture?.stop();
      await redis?.stop();
    });

    it('is recovered, and told what it missed, once, and what comes', async () => {
      const client = await listening('org_lost');
      await client.drop();
      await append('org_lost', 250);

      expect(await client.comeBack()).toBe(true);
      await append('org_lost', 2);
      await client.until(() => client.sequences.length >= 252);
      expect(client.sequences).toEqual(upTo(255, 4));
    });

    it.each([
      ['with what it has', [{ after: 3 }], { success: true, sequence: 53 }],
      ['without it', [{}], { success: true, sequence: 53 }],
      ['as if it had no memory', [], { success: true }],
    ])(
      'is told nothing twice, and everything, where it joins by itself %s',
      async (name, options, answer) => {
        const organizationId = `org_${name.replaceAll(' ', '_')}`;
        const client = await listening(organizationId);
        await client.drop();
        await append(organizationId, 50);
        const back = client.comeBack();
        const joined = new Promise((resolve) =>
          client.socket.once('connect', () =>
            resolve(client.call('join-organization', organizationId, ...options)),
          ),
        );

        expect([await back, await joined]).toMatchObject([true, answer]);
        await append(organizationId, 2);
        await client.until(() => client.sequences.length >= 52);
        expect(client.sequences).toEqual(upTo(55, 4));
      },
    );

    it('is recovered in the middle of a replay', async () => {
      await append('org_middle', 400, 60_000);
      const client = await connected();
      client.socket.emit('join-organization', 'org_middle', { after: 0 });
      await client.until(() => client.sequences.length >= 20);
      await client.drop();

      expect(await client.comeBack()).toBe(true);
      await client.until(() => client.sequences.length >= 400);
      expect(client.sequences).toEqual(upTo(400));
    });

    it('is told of no secret that was shown meanwhile', async () => {
      const client = await listening('org_secret');
      await client.drop();
      fixture.http.app.get(DomainEventBus).emit('instance.qr_issued', {
        organizationId: 'org_secret',
        instanceId: randomUUID(),
        qr: 'scan me',
        at: new Date(),
      });
      await append('org_secret', 1);
      await client.comeBack();
      await client.until(() => client.sequences.length >= 1);

      expect(client.others).toEqual([]);
    });

    it('is refused when its token is worth nothing any more', async () => {
      const key = await fixture.key(HOME);
      const client = await listening(HOME, key.key);
      await client.drop();
      await fixture.call('DELETE', `/api/organizations/${HOME}/api-keys/${key.id}`, ADMIN_KEY);
      await append(HOME, 1);

      await expect(client.comeBack()).rejects.toMatchObject({ data: { code: 'unauthorized' } });
      expect(client.sequences).toEqual([]);
    });

    it('hears nothing more of an organization that its user has left', async () => {
      const user = randomUUID();
      await fixture.member(HOME, 'viewer', user);
      await fixture.member(FOREIGN, 'viewer', user);
      const client = await listening(HOME, userToken(user));
      await client.drop();
      await fixture.call('DELETE', `/api/organizations/${HOME}/members/${user}`, ADMIN_KEY);
      await append(HOME, 1);
      await client.comeBack();
      await client.until(() => client.others.length > 0);

      expect(client.others).toMatchObject([
        { name: 'exception', payload: { code: 'organization_forbidden' } },
      ]);
      expect(client.sequences).toEqual([]);
    });

    it('hears what is not kept any more', async () => {
      const client = await listening('org_gone');
      await client.drop();
      await append('org_gone', 5);
      await expireEvents(fixture.http, 'org_gone', 6);
      await client.comeBack();
      await client.until(() => client.others.length > 0);

      expect(client.others).toMatchObject([
        { name: 'exception', payload: { code: 'events_expired', oldest: 7 } },
      ]);
    });

    it('is a new one where it listened to several organizations, or to none, or left', async () => {
      const several = await listening('org_one');
      await several.call('join-organization', 'org_two');
      const left = await listening('org_left');
      await left.call('leave-organization', 'org_left');
      for (const client of [several, left, await connected()]) {
        await client.drop();
        expect(await client.comeBack()).toBe(false);
      }
    });
  },
);
