import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { type BuiltService, runToExit } from '../support/built-service.js';
import { BuiltWorker } from '../support/built-worker.js';
import { NodeCluster } from '../support/node-cluster.js';
import { TestRedis } from '../support/redis.js';
import { sealedUnder } from '../support/sealed-under.js';

const SOON = { timeout: 60_000, interval: 50 };
const oldKey = randomBytes(32);
const newKey = randomBytes(32);

let cluster: NodeCluster;
let redis: TestRedis;
let worker: BuiltWorker;
let nodes: BuiltService[];
let phones: Phone[];
let ana: Phone;
let ids: string[];
let written = 0;

const sql = (text: string) => cluster.sql(text);
const named = (...keys: Buffer[]) => ({
  SESSION_ENCRYPTION_KEY: keys.map((key) => key.toString('base64')).join(','),
});

const startNode = (name: string, ...keys: Buffer[]) =>
  cluster.add(name, { REDIS_URL: redis.url, RUN_WORKER: 'false', ...named(...keys) });

const startWorker = (...keys: Buffer[]) =>
  BuiltWorker.start({
    NODE_ENV: 'test',
    NODE_ID: 'worker',
    ...cluster.storeEnvironment,
    REDIS_URL: redis.url,
    ...named(...keys),
  });

const rotate = (...keys: Buffer[]) =>
  runToExit('admin-cli.js', { NODE_ENV: 'test', ...cluster.storeEnvironment, ...named(...keys) }, [
    'rotate-keys',
  ]);

async function write(): Promise<void> {
  written += 1;
  const sent = await Promise.all(phones.map((phone) => ana.writes(phone, `message ${written}`)));
  await Promise.all(sent.map((message) => message.acknowledged()));
}

/** Waits until everything that was written is stored, once and in order. */
async function settle(): Promise<void> {
  const expected = Array.from({ length: written }, (_, index) => `message ${index + 1}`);
  await expect
    .poll(async () => {
      const rows = await cluster.sql<{ instance_id: string; content: string }>(
        `select instance_id, content from messages where direction = 'inbound' order by ordinal`,
      );
      return ids.map((id) =>
        rows.filter(({ instance_id }) => instance_id === id).map(({ content }) => content),
      );
    }, SOON)
    .toEqual(ids.map(() => expected));
}

/** Sends for each instance through each node: one of two calls goes from node to node. */
async function sendThroughAll(): Promise<number[]> {
  const calls = nodes.flatMap((node) =>
    ids.map((id) =>
      node.api.call('POST', `/api/whatsapp/instances/${id}/send`, { to: ana.number, message: 'hello' }),
    ),
  );
  return (await Promise.all(calls)).map(({ status }) => status);
}

async function connected(): Promise<void> {
  await expect
    .poll(() => sql(`select id from whatsapp_instances where status = 'connected'`), SOON)
    .toHaveLength(phones.length);
}

beforeAll(async () => {
  [cluster, redis] = await Promise.all([NodeCluster.start(), TestRedis.start()]);
  nodes = [await startNode('a', oldKey), await startNode('b', oldKey)];
  worker = await startWorker(oldKey);
  ana = cluster.simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  phones = [];
  ids = [];
  for (const [index, node] of nodes.entries()) {
    phones.push(cluster.simulator.addPhone({ number: `551199988000${index}`, name: `${index}` }));
    ids.push(await cluster.link(node, phones[index]!));
  }
  await write();
});

afterAll(async () => {
  await worker.stop('SIGKILL');
  await cluster.stop();
  await redis.stop();
});

describe('several processes that get a new key one after the other', () => {
  it('go on under the old one until the last of them has it', async () => {
    await cluster.end('a', 'SIGTERM');
    nodes[0] = await startNode('a', newKey, oldKey);
    await connected();

    await write();
    const early = await rotate(newKey, oldKey);
    const statuses = await sendThroughAll();

    expect(early.code).toBe(1);
    expect(early.output).toMatch(/These processes do not seal with the new key: (b|worker|b, worker)\./);
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(await sealedUnder(sql, newKey)).toEqual({});
    await settle();
  });

  it('change over then, without a restart and without dropping a line', async () => {
    await cluster.end('b', 'SIGTERM');
    nodes[1] = await startNode('b', newKey, oldKey);
    await expect.poll(() => cluster.shares(), SOON).toEqual({ a: 1, b: 1 });
    await connected();
    await write();
    expect(await sealedUnder(sql, newKey)).toEqual({});
    const ended: number[] = [];
    cluster.simulator.on('connection.ended', ({ connection }) => ended.push(connection));

    await worker.stop();
    worker = await startWorker(newKey, oldKey);
    let isOver = false;
    const rotation = rotate(newKey, oldKey).finally(() => (isOver = true));
    while (!isOver) {
      await write();
    }
    const { code, output } = await rotation;

    expect(code, output).toBe(0);
    expect(await sealedUnder(sql, oldKey)).toEqual({});
    expect(await sendThroughAll()).toEqual([200, 200, 200, 200]);
    expect(ended).toEqual([]);
    await settle();
  });

  it('need the new one alone from then on', async () => {
    for (const [index, name] of ['a', 'b'].entries()) {
      await cluster.end(name, 'SIGTERM');
      nodes[index] = await startNode(name, newKey);
    }
    await worker.stop();
    worker = await startWorker(newKey);

    await connected();
    await write();
    await settle();
    expect(phones.map((phone) => phone.devices.length)).toEqual([1, 1]);
    expect(await sql('select id from inbox where state <> 1')).toEqual([]);
  });

  it('are told which of them lacks a key that the others seal with, and lose nothing', async () => {
    // As if a process had come that has a key of its own.
    const [stranger] = (await sql(`select process from key_holders where node_id = 'worker'`)) as [
      { process: string },
    ];
    await worker.stop();
    await sql(
      `insert into key_holders (process, node_id, key_ids, sealing, expires_at)
         values ('${stranger.process}', 'stranger', '["AAAA"]', 'AAAA', now() + interval '1 minute')`,
    );

    const ready = () => nodes[0]!.api.call('GET', '/health/ready');

    await expect
      .poll(ready, SOON)
      .toMatchObject({ body: { status: 'degraded', checks: { encryption_key: { status: 'missing' } } } });
    expect(await cluster.log('a')).toMatch(/"nodes":\["stranger"\].*SESSION_ENCRYPTION_KEY lacks a key/);
    await sql(`delete from key_holders where node_id = 'stranger'`);
    await expect.poll(ready, SOON).toMatchObject({ body: { checks: { encryption_key: { status: 'up' } } } });
  });
});
