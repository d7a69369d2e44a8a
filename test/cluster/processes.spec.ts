import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltService } from '../support/built-service.js';
import { runToExit } from '../support/built-service.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { Cluster, texts } from './cluster.js';

const ORGANIZATIONS = ['clinic', 'school'];

let cluster: Cluster;
let nodes: BuiltService[];
const listeners: EventCollector[] = [];

beforeAll(async () => {
  cluster = await Cluster.start();
  nodes = await Promise.all([cluster.startNode(), cluster.startNode()]);
});
afterAll(async () => {
  listeners.forEach((listener) => listener.close());
  await cluster.stop();
});

/** Sends messages for two instances of each organization, in small batches. */
async function load(name: string, count: number, meanwhile: (batch: number) => Promise<void>) {
  const instances = await Promise.all(
    ORGANIZATIONS.flatMap((id) => [cluster.anInstance(id), cluster.anInstance(id)]),
  );
  for (let batch = 0; batch < count / 10; batch += 1) {
    for (const [index, instance] of instances.entries()) {
      await cluster.receive(instance, texts(`${name}-${index}`, 10, batch * 10));
    }
    await meanwhile(batch);
  }
  return instances;
}

/** The events that each socket must get: all of its organization's, once each, in the order of the table. */
async function stored(organizationId: string): Promise<string[]> {
  const { rows } = await cluster.database.sql(
    'select payload from public.events where organization_id = $1::text order by sequence',
    [organizationId],
  );
  return rows.map(({ payload }) => (payload as { text: string }).text);
}

async function heard(listener: EventCollector, expected: readonly string[]): Promise<string[]> {
  await listener.count('whatsapp:message', expected.length);
  return listener.all('whatsapp:message').map(({ text }) => text);
}

/** Waits until all is worked on, and compares the table with what was sent and the sockets with the table. */
async function settle(name: string, count: number, sockets: Record<string, EventCollector[]>): Promise<void> {
  await expect.poll(() => cluster.pending(), { interval: 50 }).toBe(0);
  for (const [index, organizationId] of ORGANIZATIONS.entries()) {
    const all = await stored(organizationId);
    const mine = all.filter((text) => text.startsWith(name));
    for (const instance of [2 * index, 2 * index + 1]) {
      const prefix = `${name}-${instance}`;
      expect(mine.filter((text) => text.startsWith(`${prefix}-`))).toEqual(texts(prefix, count));
    }
    expect(mine).toHaveLength(2 * count);
    for (const socket of sockets[organizationId]!) {
      expect(await heard(socket, all)).toEqual(all);
    }
  }
}

describe('several processes', () => {
  const sockets: Record<string, EventCollector[]> = {};

  beforeAll(async () => {
    for (const organizationId of ORGANIZATIONS) {
      sockets[organizationId] = await Promise.all(nodes.map(({ url }) => listen(url, organizationId)));
      listeners.push(...sockets[organizationId]);
    }
  });

  it('says that no worker is alive, and keeps what is received', async () => {
    const [node] = nodes;
    const instance = await cluster.anInstance('clinic');
    await cluster.receive(instance, ['early-0']);

    expect((await node!.api.call('GET', '/health/ready')).body).toMatchObject({
      status: 'degraded',
      checks: { redis: { status: 'up' }, worker: { status: 'down', alive: 0 } },
    });
    expect((await node!.api.call('GET', '/api/admin/queue-stats')).body).toMatchObject({
      driver: 'bullmq',
      redis: 'up',
      workers_alive: 0,
      queue: { waiting: 1, active: 0, delayed: 0, failed: 0, completed: 0 },
      worker: { running: false },
      inbox: { pending: 1, oldest_pending_at: expect.any(String) },
      by_organization: [{ organization_id: 'clinic', pending: 1 }],
    });
  });

  it('brings messages from a worker to the sockets of every node, and stops when told', async () => {
    const worker = await cluster.startWorker();
    await sockets['clinic']![0]!.next('whatsapp:message', ({ text }) => text === 'early-0');
    const instance = await cluster.anInstance('clinic');
    const took: number[] = [];
    for (const message of ['now-0', 'now-1', 'now-2']) {
      const startedAt = performance.now();
      await cluster.receive(instance, [message]);
      await sockets['clinic']![1]!.next('whatsapp:message', ({ text }) => text === message);
      took.push(performance.now() - startedAt);
    }
    // A worker that hears of nothing looks 5 s after it last did, so each would take that long.
    expect(Math.min(...took)).toBeLessThan(4_000);

    expect((await nodes[0]!.api.call('GET', '/health/ready')).body).toMatchObject({
      status: 'ready',
      checks: { worker: { status: 'up', alive: 1 } },
    });
    expect(await worker.stop()).toBe(0);
  });

  it('loses, repeats and reorders nothing when workers are killed in the middle', async () => {
    let workers = await Promise.all([cluster.startWorker(), cluster.startWorker()]);
    await load('killed', 120, async (batch) => {
      if (batch === 3 || batch === 8) {
        const [first, second] = workers;
        await first!.stop('SIGKILL');
        workers = [second!, await cluster.startWorker()];
      }
    });
    await settle('killed', 120, sockets);
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
  });

  it('takes over from a worker that was killed with rows in hand when its claim ends', async () => {
    const instance = await cluster.anInstance('clinic');
    // Before there is a worker that could be faster.
    const startedAt = performance.now();
    await cluster.claimFor(instance, ['held-0', 'held-1'], 8);
    const worker = await cluster.startWorker();
    await cluster.receive(instance, ['held-2']);

    await sockets['clinic']![0]!.next('whatsapp:message', ({ text }) => text === 'held-2');
    const durationMs = performance.now() - startedAt;

    expect((await stored('clinic')).slice(-3)).toEqual(['held-0', 'held-1', 'held-2']);
    expect(durationMs).toBeGreaterThan(8_000);
    await worker.stop();
  });

  it('loses, repeats and reorders nothing when redis is flushed and restarted', async () => {
    const workers = await Promise.all([cluster.startWorker(), cluster.startWorker()]);
    await load('redis', 150, async (batch) => {
      if (batch === 4 || batch === 12) {
        await cluster.redis.flush();
      } else if (batch === 7) {
        await cluster.redis.kill();
      } else if (batch === 10) {
        await cluster.redis.resume();
      }
    });
    await settle('redis', 150, sockets);
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
    for (const { lines } of workers) {
      expect(lines.filter((line) => line.includes('redis is away'))).toHaveLength(1);
      expect(lines.filter((line) => line.includes('redis is back'))).toHaveLength(1);
      expect(lines.filter((line) => /"level":"(ERROR|FATAL)"/.test(line))).toEqual([]);
    }
  });

  it('works on without redis, and says so', async () => {
    const worker = await cluster.startWorker();
    await cluster.redis.kill();
    const startedAt = performance.now();
    await load('without', 20, () => Promise.resolve());
    await settle('without', 20, sockets);
    expect(performance.now() - startedAt).toBeLessThan(25_000);

    expect((await nodes[1]!.api.call('GET', '/health/ready')).body).toMatchObject({
      status: 'degraded',
      checks: { redis: { status: 'down' }, worker: { status: 'unknown' } },
    });
    const stats = await nodes[1]!.api.call('GET', '/api/admin/queue-stats');
    expect(stats).toMatchObject({ status: 200, body: { redis: 'down', queue: null, workers_alive: null } });
    expect(await worker.stop()).toBe(0);
    await cluster.redis.resume();
  });

  it('lets orchestrators look at a worker', async () => {
    const worker = await cluster.startWorker({ WORKER_HEALTH_PORT: '0' });
    const probe = async (path: string) => {
      const answer = await fetch(`${await worker.url()}${path}`);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };

    expect(await worker.url()).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(await probe('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    await expect
      .poll(() => probe('/health/ready'))
      .toMatchObject({
        status: 200,
        body: {
          status: 'ready',
          checks: { database: { status: 'up' }, redis: { status: 'up' }, worker: { status: 'up' } },
        },
      });
    expect(await probe('/api/whatsapp/instances')).toMatchObject({
      status: 404,
      body: { code: 'route_not_found' },
    });

    await cluster.redis.kill();
    await expect
      .poll(() => probe('/health/ready'))
      .toMatchObject({
        status: 200,
        body: { status: 'degraded', checks: { redis: { status: 'down' }, worker: { status: 'up' } } },
      });
    expect(await worker.stop()).toBe(0);
    await cluster.redis.resume();
  });

  it('starts without redis, also a worker in a node, and takes part when redis comes', async () => {
    await cluster.redis.kill();
    const node = await cluster.startNode({ RUN_WORKER: 'true' });
    await cluster.redis.resume();

    await expect
      .poll(async () => (await node.api.call('GET', '/health/ready')).body)
      .toMatchObject({ status: 'ready', checks: { redis: { status: 'up' }, worker: { alive: 1 } } });
    await cluster.receive(await cluster.anInstance('clinic'), ['inside-0']);
    await sockets['clinic']![0]!.next('whatsapp:message', ({ text }) => text === 'inside-0');
    const jobs = async () => {
      const { body } = await node.api.call<{ queue: Record<string, number> }>(
        'GET',
        '/api/admin/queue-stats',
      );
      return { ...body.queue, hasCompleted: body.queue['completed']! > 0 };
    };
    await expect.poll(jobs).toMatchObject({ waiting: 0, active: 0, failed: 0, hasCompleted: true });

    await cluster.redis.kill();
    expect(await node.stop()).toBe(0);
    await cluster.redis.resume();
  });

  it('keeps what can not be decoded, shows it, and tries again when asked to', async () => {
    const [node] = nodes;
    const worker = await cluster.startWorker();
    const instance = await cluster.anInstance('clinic');
    await cluster.receiveGarbage(instance);
    const backlog = async () => (await node!.api.call('GET', '/api/admin/queue-stats')).body;
    await expect.poll(backlog).toMatchObject({ inbox: { pending: 0, dead: 1 }, queue: { failed: 0 } });

    const body = { instance_id: instance.id };
    const answer = await node!.api.call('POST', '/api/admin/inbox/redrive', body);
    expect(answer.body).toEqual({ success: true, redriven: 1 });
    const triedTwice = () => worker.lines.filter((line) => line.includes('message can not be decoded'));
    await expect.poll(triedTwice).toHaveLength(2);
    await expect.poll(backlog).toMatchObject({ inbox: { pending: 0, dead: 1 } });
    await worker.stop();
  });
});

describe('a worker that can not work', () => {
  it.each([
    ['without Redis', { REDIS_URL: '' }, /REDIS_URL must be set/],
    ['with the embedded driver', { QUEUE_DRIVER: 'embedded' }, /QUEUE_DRIVER must be bullmq/],
    [
      'with an embedded database',
      { DATABASE_URL: '', SUPABASE_URL: '', SUPABASE_SERVICE_ROLE_KEY: '' },
      /DATABASE_URL or SUPABASE_URL must be set/,
    ],
  ])('says what to do %s', async (_, environment, message) => {
    const { code, output } = await runToExit('worker.js', { ...cluster.environment, ...environment });

    expect(code).toBe(1);
    expect(output).toMatch(message);
  });
});
