import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventStreams } from '../../src/realtime/event-streams.js';
import { appendEvents, expireEvents } from '../support/append-events.js';
import { SocketClient } from '../support/socket-client.js';
import { bearer, AccessFixture, ADMIN_KEY, HOME } from './access-fixture.js';

const clients: SocketClient[] = [];

let fixture: AccessFixture;
beforeAll(async () => (fixture = await AccessFixture.start()));
afterAll(() => fixture?.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

async function connected(token = ADMIN_KEY, options: { transports?: string[] } = {}): Promise<SocketClient> {
  const client = await SocketClient.connect(fixture.http.url, { auth: { token }, ...options });
  clients.push(client);
  return client;
}

const append = (organizationId: string, count: number, length?: number) =>
  appendEvents(fixture.http, organizationId, { count, ...(length && { length }) });

const sequencesOf = (client: SocketClient) => client.events.map(({ payload }) => payload['sequence']);
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

/** What a client reads from. */
function lineOf({ socket }: SocketClient): { pause(): void; resume(): void } {
  const { transport } = socket.io.engine as unknown as {
    transport: { ws: { _socket: { pause(): void; resume(): void } } };
  };
  return transport.ws._socket;
}

describe('join-organization with after', () => {
  it('replays what was missed, in order, and goes on live', async () => {
    await append('org_replay', 250);
    const client = await connected();

    const answer = await client.call('join-organization', 'org_replay', { after: 10 });
    const before = sequencesOf(client);
    await append('org_replay', 3);
    await client.waitFor('whatsapp:message', 243);

    expect(answer).toEqual({ success: true, organizationId: 'org_replay', sequence: 250, replayed: 240 });
    expect(before).toEqual(upTo(250, 11));
    expect(sequencesOf(client)).toEqual(upTo(253, 11));
  });

  it('tells the same as the list', async () => {
    await append('org_same', 3);
    const client = await connected();
    await client.call('join-organization', 'org_same', { after: 0 });
    const { body } = await fixture.http.api.call<{ events: object[] }>(
      'GET',
      '/api/events?organization_id=org_same',
      undefined,
      bearer(ADMIN_KEY),
    );

    expect(body.events).toEqual(
      client.events.map(({ name, payload }) => ({ sequence: payload['sequence'], name, payload })),
    );
  });

  it('leaves no gap and no repeat while events keep coming', async () => {
    await append('org_busy', 500);
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        await appendEvents(fixture.http, 'org_busy', { count: 1, isTold: true });
      }
    })();
    const readers = await Promise.all(
      upTo(5).map(async (number) => {
        const client = await connected();
        const first = number * 40;
        let after = first;
        // Each time from where it was: what falls between the replay and what comes live would be missing.
        for (let join = 0; join < 30; join += 1) {
          const answer = await client.call('join-organization', 'org_busy', { after });
          expect(answer['replayed']).toBe(Number(answer['sequence']) - after);
          await client.waitFor('whatsapp:message', Number(answer['sequence']) - first + 3);
          await client.call('leave-organization', 'org_busy');
          after = Number(sequencesOf(client).at(-1));
        }
        return { client, first };
      }),
    );
    isOver = true;
    await load;

    for (const { client, first } of readers) {
      const heard = sequencesOf(client);
      expect(heard).toEqual(upTo(first + heard.length, first + 1));
    }
  });

  it('replays by polling, too', async () => {
    await append('org_polling', 350, 5_000);
    const client = await connected(ADMIN_KEY, { transports: ['polling'] });

    expect(await client.call('join-organization', 'org_polling', { after: 0 })).toMatchObject({
      replayed: 350,
    });
    await append('org_polling', 2);
    await client.waitFor('whatsapp:message', 352);
    expect(sequencesOf(client)).toEqual(upTo(352));
  });

  it('without a sequence says where the socket begins', async () => {
    await append('org_begin', 5);
    const client = await connected();

    expect(await client.call('join-organization', 'org_begin', {})).toEqual({
      success: true,
      organizationId: 'org_begin',
      sequence: 5,
      replayed: 0,
    });
    expect(await client.call('join-organization', 'org_begin')).toEqual({
      success: true,
      organizationId: 'org_begin',
    });
  });

  it('of events that are not kept says which is the oldest', async () => {
    await append('org_old', 10);
    await expireEvents(fixture.http, 'org_old', 6);
    const client = await connected();

    expect(await client.call('join-organization', 'org_old', { after: 4 })).toMatchObject({
      success: false,
      code: 'events_expired',
      oldest: 7,
    });
    expect(sequencesOf(client)).toEqual([]);
    expect(await client.call('join-organization', 'org_old', { after: 6 })).toMatchObject({ replayed: 4 });
    expect(await client.call('join-organization', 'org_old', { after: 0 })).toMatchObject({ replayed: 4 });

    await expireEvents(fixture.http, 'org_old', 10);
    expect(await client.call('join-organization', 'org_old', { after: 4 })).toMatchObject({ oldest: 11 });
    expect(await client.call('join-organization', 'org_old', { after: 0 })).toMatchObject({
      sequence: 10,
      replayed: 0,
    });
  });

  it('of a sequence that there is not yet goes on from the last one', async () => {
    await append('org_ahead', 2);
    const client = await connected();

    expect(await client.call('join-organization', 'org_ahead', { after: 99 })).toMatchObject({
      sequence: 2,
      replayed: 0,
    });
    await append('org_ahead', 1);
    await client.waitFor('whatsapp:message');
    expect(sequencesOf(client)).toEqual([3]);
  });

  it('takes the place of an earlier one', async () => {
    await append('org_again', 900, 2_000);
    const client = await connected();

    const [first, second] = await Promise.all([
      client.call('join-organization', 'org_again', { after: 0 }),
      client.call('join-organization', 'org_again', { after: 890 }),
    ]);

    expect(first).toMatchObject({ success: false, code: 'replay_ended' });
    expect(second).toMatchObject({ success: true, sequence: 900, replayed: 10 });
    expect(sequencesOf(client).slice(-10)).toEqual(upTo(900, 891));
  });

  it('ends with leave-organization', async () => {
    await append('org_leave', 900, 2_000);
    const client = await connected();

    const joining = client.call('join-organization', 'org_leave', { after: 0 });
    await client.call('leave-organization', 'org_leave');

    expect(await joining).toMatchObject({ success: false, code: 'replay_ended' });
  });

  it.each([
    [{ after: -1 }, 'after'],
    [{ after: '4' }, 'after'],
    [{ after: 1.5 }, 'after'],
    [{ after: null }, 'after'],
    [{ since: 4 }, 'since'],
  ])('refuses the options %j', async (options, path) => {
    const client = await connected();

    expect(await client.call('join-organization', 'org_replay', options)).toMatchObject({
      success: false,
      code: 'validation_failed',
      details: [{ path }],
    });
  });
});

describe('a reader that is slow', () => {
  it('holds up nobody, and gets everything as it reads', async () => {
    await append('org_slow', 400, 60_000);
    const slow = await connected();
    const line = lineOf(slow);
    line.pause();
    const joining = slow.call('join-organization', 'org_slow', { after: 0 });
    const quick = await connected();
    await quick.call('join-organization', 'org_slow', { after: 390 });

    expect(sequencesOf(slow)).toEqual([]);
    line.resume();
    expect(await joining).toMatchObject({ sequence: 400, replayed: 400 });
    expect(sequencesOf(slow)).toEqual(upTo(400));
  });
});

describe('a reader that is too slow for what comes', () => {
  it('is told so, and goes on where it was', async () => {
    await append('org_flood', 1);
    const slow = await connected();
    await slow.call('join-organization', 'org_flood', { after: 0 });
    lineOf(slow).pause();
    for (let round = 0; round < 8; round += 1) {
      await append('org_flood', 60, 60_000);
    }
    const watcher = await connected();
    await watcher.call('join-organization', 'org_flood', { after: 400 });
    await append('org_flood', 1);
    await watcher.waitFor('whatsapp:message', 82);
    lineOf(slow).resume();
    await slow.disconnected();

    expect(slow.events.at(-1)).toMatchObject({ name: 'exception', payload: { code: 'too_slow' } });
    const had = slow.payloads('whatsapp:message').length;
    expect(sequencesOf(slow).slice(0, -1)).toEqual(upTo(had));
    const again = await connected();
    expect(await again.call('join-organization', 'org_flood', { after: had })).toMatchObject({
      sequence: 482,
      replayed: 482 - had,
    });
  });
});

describe('a reader that takes nothing', () => {
  it('is ended, by socket and by stream, and goes on where it was', async () => {
    await append('org_stalled', 500, 60_000);
    const stalled = await connected();
    lineOf(stalled).pause();
    stalled.socket.emit('join-organization', 'org_stalled', { after: 0 });
    const { open } = fixture.http.app.get(EventStreams, { strict: false }) as unknown as {
      open: ReadonlySet<unknown>;
    };
    const url = `${fixture.http.url}/api/events/stream?organization_id=org_stalled&after=0`;
    const response = await fetch(url, { headers: bearer(ADMIN_KEY) });
    expect(open.size).toBe(1);

    await vi.waitUntil(() => open.size === 0, { timeout: 60_000 });
    lineOf(stalled).resume();
    await stalled.disconnected();

    await expect(response.text()).rejects.toThrow('terminated');
    expect(stalled.events.at(-1)).toMatchObject({ name: 'exception', payload: { code: 'too_slow' } });
    const had = stalled.payloads('whatsapp:message').length;
    expect(sequencesOf(stalled).slice(0, -1)).toEqual(upTo(had));
    expect(had).toBeLessThan(500);
  });
});

describe('who may no longer read', () => {
  it('hears nothing of what is left of a replay', async () => {
    await append(HOME, 600, 60_000);
    const key = await fixture.key(HOME);
    const client = await connected(key.key);
    const line = lineOf(client);
    line.pause();
    client.socket.emit('join-organization', HOME, { after: 0 });
    await fixture.call('DELETE', `/api/organizations/${HOME}/api-keys/${key.id}`, ADMIN_KEY);
    line.resume();
    await client.disconnected();

    expect(client.payloads('exception')).toMatchObject([{ code: 'unauthorized' }]);
    expect(client.payloads('whatsapp:message').length).toBeLessThan(600);
  });

  it('joins nothing of others', async () => {
    const key = await fixture.key(HOME);
    const client = await connected(key.key);

    expect(await client.call('join-organization', 'org_replay', { after: 0 })).toMatchObject({
      success: false,
      code: 'organization_forbidden',
    });
    expect(client.events).toEqual([]);
  });
});
