import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { BuiltService } from '../support/built-service.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';

const SOON = { timeout: 60_000, interval: 50 };

let cluster: NodeCluster;
let a: BuiltService;
let owner: Phone;
let ana: Phone;
let instanceId: string;

beforeAll(async () => {
  cluster = await NodeCluster.start({ isPooled: true });
  // Migrates, through the pooler.
  a = await cluster.add('a');
  owner = cluster.simulator.addPhone({ number: '5511999880001', name: 'Owner' });
  ana = cluster.simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  instanceId = await cluster.link(a, owner);
});
afterAll(() => cluster?.stop());

const contents = async (direction: string) =>
  (
    await cluster.sql<{ content: string }>(
      'select content from messages where direction = $1 order by ordinal',
      [direction],
    )
  ).map(({ content }) => content);

it('does its job through a pooler in transaction mode, and another node goes on with it', async () => {
  await (await ana.writes(owner, 'one')).acknowledged();
  await expect.poll(() => contents('inbound'), SOON).toEqual(['one']);
  const contacts = await a.api.call<{ contacts: { name: string }[] }>(
    'GET',
    `/api/contacts?organization_id=${ORGANIZATION}`,
  );
  expect(contacts.body.contacts).toMatchObject([{ name: 'Ana' }]);

  const send = (node: BuiltService, message: string) =>
    node.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, { to: ana.number, message });
  expect(await send(a, 'hello')).toMatchObject({ status: 200, body: { success: true } });
  await expect.poll(() => ana.received.map(({ text }) => text), SOON).toEqual(['hello']);

  const b = await cluster.add('b');
  const during = await ana.writes(owner, 'two');
  await cluster.end('a', 'SIGKILL');
  const after = await ana.writes(owner, 'three');
  await expect.poll(() => cluster.shares(), SOON).toEqual({ b: 1 });
  await Promise.all([during.acknowledged(), after.acknowledged()]);

  await expect.poll(() => contents('inbound'), SOON).toEqual(['one', 'two', 'three']);
  expect(await send(b, 'again')).toMatchObject({ status: 200 });
  await expect.poll(() => ana.received.map(({ text }) => text), SOON).toEqual(['hello', 'again']);
});
