import { afterEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import {
  bySocket,
  byPoll,
  byStream,
  headOf,
  listed,
  type Subscription,
  type ToldEvent,
} from '../support/event-subscribers.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';
import { TestRedis } from '../support/redis.js';
import {
  answers,
  type Behaviour,
  type ReceivedCall,
  verify,
  WebhookReceiver,
} from '../support/webhook-receiver.js';

/** `ROUNDS=4000 npx vitest run --project e2e test/e2e/nodes-events.e2e-spec.ts` is the long form: hours of a busy number. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 40);
const LIMIT_MS = 120_000 + ROUNDS * 1_000;
const CLIENTS = 4;

let cluster: NodeCluster;
let redis: TestRedis | undefined;
let receiver: WebhookReceiver | undefined;

afterEach(async () => {
  await cluster?.stop();
  await receiver?.kill();
  await redis?.stop();
});

describe.each([
  { nodes: ['a'], hasRedis: false, isKilled: false },
  { nodes: ['a', 'b'], hasRedis: true, isKilled: true },
  { nodes: ['a', 'b'], hasRedis: false, isKilled: false },
])('$nodes, redis: $hasRedis, one is killed: $isKilled', ({ nodes, hasRedis, isKilled }) => {
  it(
    'tell everybody the same list, whichever way and however often the line drops',
    { timeout: LIMIT_MS },
    async () => {
      redis = hasRedis ? await TestRedis.start() : undefined;
      cluster = await NodeCluster.start();
      receiver = await WebhookReceiver.start();
      const environment: Record<string, string> = {
        OUTSIDE_URLS_ALLOW: '127.0.0.1',
        ...(redis && { REDIS_URL: redis.url }),
      };
      const urls: string[] = [];
      const start = async (name: string) => {
        urls[nodes.indexOf(name)] = (await cluster.add(name, environment)).url;
      };
      for (const name of nodes) {
        await start(name);
      }
      const numbers = ['5511999887766', '5511999887767'];
      const owners = numbers.map((number) => cluster.simulator.addPhone({ number, name: 'Clinic' }));
      for (const owner of owners) {
        await cluster.link(cluster.node('a'), owner);
      }
      const clients = Array.from({ length: CLIENTS }, (_, index) =>
        cluster.simulator.addPhone({ number: `552198877660${index}`, name: `Client ${index}` }),
      );

      const { body: webhook } = await cluster
        .node('a')
        .api.call<{ secret: string }>('POST', '/api/webhooks', {
          organization_id: ORGANIZATION,
          url: receiver.url('/rough'),
        });
      const unsigned: string[] = [];
      receiver.on(
        '/rough',
        roughly(receiver, (call) => isSigned(call, webhook.secret) || unsigned.push(call.id)),
      );
      const begin = await headOf(urls[0]!, ORGANIZATION);
      let last = Infinity;
      let calls = 0;
      const subscription: Subscription = {
        organizationId: ORGANIZATION,
        url: () => urls[(calls += 1) % urls.length]!,
        last: () => last,
      };
      const dropping = bySocket(subscription, { begin, dropMs: 80 });
      const polling = byPoll(subscription, { begin });
      const streaming = byStream(subscription, { begin, dropMs: 120 });

      await write(owners, clients, ROUNDS / 2);
      if (isKilled) {
        await cluster.end('b', 'SIGKILL');
        await Promise.all([start('b'), write(owners, clients, ROUNDS / 4)]);
      }
      const away = bySocket(subscription, { begin, dropMs: Infinity });
      await write(owners, clients, ROUNDS / 2);
      await untilAllIsTold();
      const expected = await listed(urls[0]!, ORGANIZATION, begin);
      last = expected.at(-1)!.payload.sequence;
      const told = await Promise.all([dropping, polling, streaming, away]);

      expect(expected.length).toBeGreaterThanOrEqual(ROUNDS * CLIENTS);
      for (const events of told) {
        const sequences = events
          .map(({ payload }) => payload.sequence)
          .filter((sequence) => sequence <= last);
        expect(sequences).toEqual(expected.map(({ payload }) => payload.sequence));
        expect(events.slice(0, expected.length).map(({ name, payload }) => ({ name, payload }))).toEqual(
          expected,
        );
      }
      await expectCalled(receiver, expected, last);
      expect(unsigned).toEqual([]);
    },
  );
});

/** So many calls are rough: each failure makes its chat wait for seconds. */
const ROUGH_CALLS = 400;

/** A receiver as they are: now and then it fails, and its process is killed and comes back. */
function roughly(receiver: WebhookReceiver, look: (call: ReceivedCall) => unknown): Behaviour {
  let calls = 0;
  return async (call, response) => {
    look(call);
    calls += 1;
    if (calls % 10 === 0 && calls <= ROUGH_CALLS) {
      answers(503)(call, response);
    }
    if (calls % 50 === 0) {
      await receiver.kill();
      await receiver.revive();
    }
  };
}

/** As a receiver looks at what comes, when it comes: the specification bounds the age of a signature. */
function isSigned(call: ReceivedCall, secret: string): boolean {
  try {
    verify(call, secret);
    return true;
  } catch {
    return false;
  }
}

/** By `webhook-id` it has each event once, and in order for each chat. */
async function expectCalled(
  receiver: WebhookReceiver,
  expected: readonly ToldEvent[],
  until: number,
): Promise<void> {
  const first = expected[0]!.payload.sequence;
  const taken = () => {
    const calls = receiver.taken.filter(({ body }) => body.sequence! >= first && body.sequence! <= until);
    return [...new Map(calls.map((call) => [call.id, call])).values()];
  };
  await expect.poll(() => taken().length, { timeout: LIMIT_MS, interval: 250 }).toBe(expected.length);
  const inOrder = taken().toSorted((one, other) => one.body.sequence! - other.body.sequence!);
  expect(inOrder.map(({ body }) => ({ name: body.type, payload: body.data }))).toEqual(expected);
  const chats = Map.groupBy(taken(), ({ body }) => String(body.data['contactId'] ?? body.data['instanceId']));
  for (const [chat, calls] of chats) {
    const sequences = calls.map(({ body }) => body.sequence!);
    expect([chat, sequences]).toEqual([chat, sequences.toSorted((one, other) => one - other)]);
  }
}

/** Each client writes to one of the numbers in each round. */
async function write(owners: readonly Phone[], clients: readonly Phone[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const sent = await Promise.all(
      clients.map((client, index) =>
        client.writes(owners[(round + index) % owners.length]!, `round ${round}`),
      ),
    );
    await Promise.all(sent.map((message) => message.acknowledged()));
  }
}

/** Everything that was written is stored as an event; the feed of a process may be behind that. */
async function untilAllIsTold(): Promise<void> {
  await expect
    .poll(async () => {
      const [row] = await cluster.sql<{ open: string }>(`select count(*) as open from inbox where state = 0`);
      return Number(row!.open);
    })
    .toBe(0);
}
