import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { NodeSignals } from '../../src/queue/node-signals.js';
import { type HttpApp, startHttpApp } from '../e2e/http-app.js';
import { environmentOf, openTestDatabase, type TestDatabase } from '../support/databases.js';
import { IS_HOSTED } from '../support/store-kind.js';
import { TestRedis } from '../support/redis.js';
import { SocketClient } from '../support/socket-client.js';

const KEY = 'an-admin-key-that-is-long-enough-0123456789';
const INSTANCE = '11111111-1111-4111-8111-111111111111';
const auth = { token: KEY };

let database: TestDatabase;
let redis: TestRedis;
let nodes: [HttpApp, HttpApp];
const clients: SocketClient[] = [];

beforeAll(async () => {
  [database, redis] = await Promise.all([
    openTestDatabase(IS_HOSTED ? 'hosted' : 'postgres'),
    TestRedis.start(),
  ]);
  nodes = [await startNode(), await startNode()];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await redis.stop();
  await database.close();
});
afterEach(() => clients.splice(0).forEach((client) => client.close()));

function startNode(): Promise<HttpApp> {
  return startHttpApp({
    ...environmentOf(database),
    REDIS_URL: redis.url,
    RUN_WORKER: 'false',
    AUTH_MODE: 'required',
    ADMIN_API_KEY: KEY,
  });
}

async function joined(node: HttpApp, organizationId: string): Promise<SocketClient> {
  const client = await SocketClient.connect(node.url, { auth });
  clients.push(client);
  expect(await client.call('join-organization', organizationId)).toMatchObject({ success: true });
  return client;
}

/** Commits events as the worker does, in one transaction each; whoever committed them may announce them or not. */
async function commit(organizationId: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  await database.sql('insert into public.organizations (id) values ($1::text) on conflict do nothing', [
    organizationId,
  ]);
  for (let index = 0; index < count; index += 1) {
    const messageId = `${organizationId}-${Math.random()}`;
    const event = { name: 'whatsapp:message', payload: { messageId } };
    await database.sql(`select public.append_event($1::text, null, $2::text::jsonb)`, [
      organizationId,
      JSON.stringify(event),
    ]);
    ids.push(messageId);
  }
  return ids;
}

const idsOf = (client: SocketClient) => client.payloads('whatsapp:message').map(({ messageId }) => messageId);

function qr(node: HttpApp, organizationId: string): void {
  const issued = { organizationId, instanceId: INSTANCE, qr: '2@abc', at: new Date() };
  node.app.get(DomainEventBus).emit('instance.qr_issued', issued);
}

describe('two nodes', () => {
  it('bring what nobody announced to the sockets of each, once and in sequence', async () => {
    await commit('org_sweep', 3);
    const sockets = [await joined(nodes[0], 'org_sweep'), await joined(nodes[1], 'org_sweep')];

    const ids = await commit('org_sweep', 700);

    for (const socket of sockets) {
      await socket.waitFor('whatsapp:message', 700);
      expect(idsOf(socket)).toEqual(ids);
    }
  });

  it('put in order what is announced out of turn, by both, and in parts', async () => {
    const sockets = [await joined(nodes[0], 'org_turns'), await joined(nodes[1], 'org_turns')];
    const ids = await commit('org_turns', 40);
    const events = ids.map((messageId, index) => ({
      organizationId: 'org_turns',
      sequence: index + 1,
      name: 'whatsapp:message' as const,
      payload: { messageId } as never,
    }));

    for (const first of [20, 0, 35, 10, 5]) {
      nodes[first % 2]!.app.get(DomainEventBus).emit('events.committed', events.slice(first, first + 10));
    }

    for (const socket of sockets) {
      await socket.waitFor('whatsapp:message', 40);
      expect(idsOf(socket)).toEqual(ids);
    }
  });

  it('show a QR string to the subscribers of the organization on each, and to nobody else', async () => {
    const mine = [await joined(nodes[0], 'org_qr'), await joined(nodes[1], 'org_qr')];
    const theirs = await joined(nodes[1], 'org_other');

    await expect
      .poll(async () => {
        qr(nodes[0], 'org_qr');
        return Promise.all(mine.map(async (socket) => socket.payloads('whatsapp:qr').length > 0));
      })
      .toEqual([true, true]);
    await theirs.call('leave-organization', 'org_other');

    expect(theirs.events).toEqual([]);
  });

  it('tell each other of instances', async () => {
    const heard: string[][] = [[], []];
    nodes.forEach(({ app }, index) => app.get(NodeSignals).onTold((id) => heard[index]!.push(id)));

    await expect
      .poll(() => {
        nodes[0].app.get(NodeSignals).tell(INSTANCE);
        return heard.map((ids) => ids[0]);
      })
      .toEqual([INSTANCE, INSTANCE]);
  });

  it('tell only their own sockets when one stops', async () => {
    const third = await startNode();
    const [leaving, staying] = [await joined(third, 'org_stop'), await joined(nodes[0], 'org_stop')];

    await third.stop();
    await leaving.disconnected();
    const [id] = await commit('org_stop', 1);
    await staying.waitFor('whatsapp:message');

    expect(leaving.payloads('exception')).toMatchObject([{ code: 'shutting_down' }]);
    expect(staying.events.map(({ payload }) => payload)).toEqual([
      { messageId: id, sequence: expect.any(Number) },
    ]);
  });

  it('serve their sockets while redis is away, and each other again when it is back', async () => {
    const sockets = [await joined(nodes[0], 'org_away'), await joined(nodes[1], 'org_away')];
    await redis.kill();
    const ids = await commit('org_away', 5);
    qr(nodes[0], 'org_away');

    for (const socket of sockets) {
      await socket.waitFor('whatsapp:message', 5);
      expect(idsOf(socket)).toEqual(ids);
    }
    await sockets[0]!.waitFor('whatsapp:qr');
    await redis.resume();
    await expect
      .poll(
        () => {
          qr(nodes[0], 'org_away');
          return sockets[1]!.payloads('whatsapp:qr').length;
        },
        { timeout: 15_000 },
      )
      .toBeGreaterThan(0);
  });
});

describe('the page of the queue', () => {
  const board = (headers: Record<string, string> = {}, path = '/admin/queues') =>
    nodes[0].api.call(`GET`, path, undefined, headers);
  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
  });

  it.each([{}, basic('wrong'), basic(''), { authorization: `Bearer ${KEY}x` }, { authorization: 'Basic !' }])(
    'is closed to %j, and asks browsers to log in',
    async (headers) => {
      for (const path of ['/admin/queues', '/admin/queues/api/queues', '/admin/queues/static/js/none.js']) {
        const answer = await board(headers, path);

        expect(answer).toMatchObject({ status: 401, body: { success: false, code: 'unauthorized' } });
        expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
      }
    },
  );

  it.each([basic(KEY), { authorization: `Bearer ${KEY}` }])('is open to %o, to look at', async (headers) => {
    const page = await board(headers);
    const queues = await board(headers, '/admin/queues/api/queues');

    expect(page).toMatchObject({ status: 200 });
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self'/);
    expect(page.body).toContain('<div id="root">');
    expect(queues.body).toMatchObject({ queues: [{ name: 'inbox', readOnlyMode: true }] });
  });

  it('does not wait for a redis that hangs, nor do the figures', async () => {
    const headers = { authorization: `Bearer ${KEY}` };
    redis.freeze();
    const answers = await Promise.all([board(headers), board(headers, '/api/admin/queue-stats')]);
    const ready = await board({}, '/health/ready');
    redis.thaw();

    expect(answers[0]).toMatchObject({ status: 503, body: { code: 'redis_unavailable' } });
    expect(answers[1]).toMatchObject({ status: 200, body: { redis: 'down', queue: null } });
    expect(ready).toMatchObject({ status: 200, body: { status: 'degraded' } });
    await expect.poll(async () => (await board(headers)).status).toBe(200);
  });

  it('opens no other route by a password', async () => {
    expect((await board(basic(KEY), '/api/admin/queue-stats')).status).toBe(401);
    expect((await board({ authorization: `Bearer ${KEY}` }, '/api/admin/queue-stats')).status).toBe(200);
  });
});
