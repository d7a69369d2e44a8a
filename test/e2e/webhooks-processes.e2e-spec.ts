import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BuiltService } from '../support/built-service.js';
import { NodeCluster } from '../support/node-cluster.js';
import { TestRedis } from '../support/redis.js';
import { verify, WebhookReceiver } from '../support/webhook-receiver.js';

/** More than one process has places for, with those that an organization may have. */
const ORGANIZATIONS = 9;
const CHATS = 10;
const ROUNDS = 3;
const SOON = { timeout: 60_000, interval: 50 };

let cluster: NodeCluster;
let redis: TestRedis;
let receiver: WebhookReceiver;
let environment: Record<string, string>;
let service: BuiltService;
let secrets: Map<string, string>;

beforeAll(async () => {
  [cluster, redis, receiver] = await Promise.all([
    NodeCluster.start(),
    TestRedis.start(),
    WebhookReceiver.start(),
  ]);
  environment = { REDIS_URL: redis.url, OUTSIDE_URLS_ALLOW: '127.0.0.1', RATE_LIMIT_ADDRESS: '0' };
  service = await cluster.add('a', environment);
  await cluster.addWorker('b', environment);
  secrets = new Map();
  for (let index = 0; index < ORGANIZATIONS; index++) {
    const organization = `org_${index}`;
    await service.api.call('POST', '/api/organizations', { id: organization });
    const { body } = await service.api.call<{ secret: string }>('POST', '/api/webhooks', {
      organization_id: organization,
      url: receiver.url('/all'),
    });
    secrets.set(organization, body.secret);
  }
});
afterAll(async () => {
  await cluster.stop();
  await redis.stop();
  await receiver.kill();
});

/** Some events of each chat of each organization, in turn. */
async function append(): Promise<number> {
  const told = Array.from({ length: ORGANIZATIONS * CHATS * ROUNDS }, (_, index) => ({
    organization_id: `org_${index % ORGANIZATIONS}`,
    name: 'whatsapp:contact',
    payload: { contactId: `chat ${Math.floor(index / ORGANIZATIONS) % CHATS}`, mark: randomUUID() },
  }));
  await cluster.sql('select public.append_events($1::text::jsonb)', [JSON.stringify(told)]);
  return told.length;
}

/** How many processes are at a call that has come. */
const workers = async () => {
  const held = await cluster.sql<{ claimed_by: string; organization_id: string; sequence: string }>(
    'select claimed_by, organization_id, sequence from webhook_deliveries where claimed_by is not null',
  );
  const come = new Set(receiver.calls.map(({ body }) => `${body.organization_id} ${body.sequence}`));
  return new Set(
    held
      .filter((one) => come.has(`${one.organization_id} ${one.sequence}`))
      .map(({ claimed_by }) => claimed_by),
  ).size;
};
const waiting = async () =>
  Number(
    (
      await cluster.sql<{ count: string }>(`select count(*) from webhook_deliveries where status = 'pending'`)
    )[0]!.count,
  );

function expectOrderAndSignatures(): void {
  const chats = Map.groupBy(
    receiver.taken,
    ({ body }) => `${body.organization_id} ${String(body.data['contactId'])}`,
  );
  for (const [chat, calls] of chats) {
    const firsts = [...new Set(calls.map(({ body }) => body.sequence!))];
    expect([chat, firsts]).toEqual([chat, firsts.toSorted((one, other) => one - other)]);
  }
  receiver.taken.forEach((call) => verify(call, secrets.get(call.body.organization_id)!));
}

/** The receiver answers nobody until it is called. */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.on('/all', () => promise);
  return () => {
    receiver.on('/all');
    resolve();
  };
}

it('is shared by processes, each call made once', async () => {
  const release = hold();
  const count = await append();
  await expect.poll(workers, SOON).toBe(2);
  release();
  await expect.poll(waiting, SOON).toBe(0);

  expect(receiver.calls).toHaveLength(count);
  expect(new Set(receiver.taken.map(({ id }) => id)).size).toBe(count);
  expectOrderAndSignatures();
});

it('comes again under the same id where the process that was at it is killed, and nothing is missing', async () => {
  const before = new Set(receiver.taken.map(({ id }) => id));
  const release = hold();
  const count = await append();
  await expect.poll(workers, SOON).toBe(2);
  await cluster.end('b', 'SIGKILL');
  const started = receiver.calls.map(({ id }) => id).filter((id) => !before.has(id));
  release();
  await expect.poll(waiting, SOON).toBe(0);

  const taken = receiver.taken.map(({ id }) => id).filter((id) => !before.has(id));
  expect(new Set(taken).size).toBe(count);
  const came = receiver.calls.map(({ id }) => id).filter((id) => !before.has(id));
  const twice = came.filter((id, index) => came.indexOf(id) !== index);
  // What the other one was at, and nothing else.
  expect(twice.length).toBeGreaterThan(0);
  expect(twice.filter((id) => !started.includes(id))).toEqual([]);
  expectOrderAndSignatures();
});

it('goes on while Redis is away', async () => {
  await redis.kill();
  const before = receiver.taken.length;
  const count = await append();
  await expect.poll(() => receiver.taken.length - before, SOON).toBe(count);
  expectOrderAndSignatures();
});
