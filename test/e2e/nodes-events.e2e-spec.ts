import { afterEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import {
  bySocket,
  byPoll,
  byStream,
  headOf,
  listed,
  type Subscription,
} from '../support/event-subscribers.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';
import { TestRedis } from '../support/redis.js';

const ROUNDS = 40;
const CLIENTS = 4;

let cluster: NodeCluster;
let redis: TestRedis | undefined;

afterEach(async () => {
  await cluster?.stop();
  await redis?.stop();
});

describe.each([
  { nodes: ['a'], hasRedis: false, isKilled: false },
  { nodes: ['a', 'b'], hasRedis: true, isKilled: true },
  { nodes: ['a', 'b'], hasRedis: false, isKilled: false },
])('$nodes, redis: $hasRedis, one is killed: $isKilled', ({ nodes, hasRedis, isKilled }) => {
  it('tell everybody the same list, whichever way and however often the line drops', async () => {
    redis = hasRedis ? await TestRedis.start() : undefined;
    cluster = await NodeCluster.start();
    const environment: Record<string, string> = redis ? { REDIS_URL: redis.url } : {};
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
    last = await settledHead(urls[0]!);
    const told = await Promise.all([dropping, polling, streaming, away]);

    const expected = (await listed(urls[0]!, ORGANIZATION, begin)).filter(
      ({ payload }) => payload.sequence <= last,
    );
    expect(expected.length).toBeGreaterThanOrEqual(ROUNDS * CLIENTS);
    for (const events of told) {
      const sequences = events.map(({ payload }) => payload.sequence).filter((sequence) => sequence <= last);
      expect(sequences).toEqual(expected.map(({ payload }) => payload.sequence));
      expect(events.slice(0, expected.length).map(({ name, payload }) => ({ name, payload }))).toEqual(
        expected,
      );
    }
  });
});

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

/** Everything that was written is told of. */
async function settledHead(url: string): Promise<number> {
  await expect
    .poll(async () => {
      const [row] = await cluster.sql<{ open: string }>(`select count(*) as open from inbox where state = 0`);
      return Number(row!.open);
    })
    .toBe(0);
  return headOf(url, ORGANIZATION);
}
