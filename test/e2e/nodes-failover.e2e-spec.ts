import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import type { BuiltService } from '../support/built-service.js';
import { NodeCluster } from '../support/node-cluster.js';

const SOON = { timeout: 60_000, interval: 50 };

let cluster: NodeCluster;
let a: BuiltService;
let phones: Phone[];
let ana: Phone;
let ids: string[];
let written = 0;

beforeEach(async () => {
  cluster = await NodeCluster.start();
  a = await cluster.add('a');
  phones = ['5511999880001', '5511999880002'].map((number) =>
    cluster.simulator.addPhone({ number, name: number }),
  );
  ana = cluster.simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  ids = [];
  for (const phone of phones) {
    ids.push(await cluster.link(a, phone));
  }
});

afterEach(() => cluster.stop());

/** A message to each of the phones. */
function write(): Promise<SentMessage[]> {
  written += 1;
  return Promise.all(phones.map((phone) => ana.writes(phone, `message ${written}`)));
}

const acknowledged = (sent: SentMessage[]) => Promise.all(sent.map((message) => message.acknowledged()));

/** What is stored of what Ana wrote, for each instance in order. */
async function stored(): Promise<string[][]> {
  const rows = await cluster.sql<{ instance_id: string; content: string }>(
    `select instance_id, content from messages where direction = 'inbound' order by ordinal`,
  );
  return ids.map((id) => rows.filter(({ instance_id }) => instance_id === id).map(({ content }) => content));
}

async function statuses(): Promise<string[]> {
  const rows = await cluster.sql<{ status: string }>('select status from whatsapp_instances');
  return rows.map(({ status }) => status);
}

const eachOnce = (from: number) =>
  ids.map(() => Array.from({ length: written - from }, (_, index) => `message ${from + index + 1}`));

describe('two nodes', () => {
  it('share the sessions, and go on without the one that is killed', async () => {
    const from = written;
    await acknowledged(await write());
    await cluster.add('b');
    await expect.poll(() => cluster.shares(), SOON).toEqual({ a: 1, b: 1 });
    await acknowledged(await write());

    const during = await write();
    await cluster.end('a', 'SIGKILL');
    const after = await write();
    await expect.poll(() => cluster.shares(), SOON).toEqual({ b: 2 });
    await acknowledged([...during, ...after]);

    await expect.poll(stored, SOON).toEqual(eachOnce(from));
    await expect.poll(statuses, SOON).toEqual(['connected', 'connected']);
  });

  it('hand over when one leaves, at once and without loss', async () => {
    const from = written;
    await cluster.add('b');
    await expect.poll(() => cluster.shares(), SOON).toEqual({ a: 1, b: 1 });
    const during = await write();

    await cluster.end('a', 'SIGTERM');
    // Given away, not left to expire: that would leave the name of the one that is gone.
    const left = await cluster.sql(`select id from whatsapp_instances where lease_owner = 'a'`);
    expect(left).toEqual([]);
    await expect.poll(() => cluster.shares(), SOON).toEqual({ b: 2 });
    await acknowledged([...during, ...(await write())]);

    await expect.poll(stored, SOON).toEqual(eachOnce(from));
    await expect.poll(statuses, SOON).toEqual(['connected', 'connected']);
  });

  it('lose nothing to one that is frozen, which does nothing more when it goes on', async () => {
    const from = written;
    const writers = await cluster.sql<{ id: string }>('select id from session_writers');
    const writes = () =>
      cluster.sql('select id, last_seq from session_writers where id = any ($1) order by id', [
        writers.map((writer) => writer.id),
      ]);
    await cluster.add('b');
    await expect.poll(() => cluster.shares(), SOON).toEqual({ a: 1, b: 1 });
    a.signal('SIGSTOP');
    const during = await write();
    await expect.poll(() => cluster.shares(), SOON).toEqual({ b: 2 });
    await acknowledged(during);
    await expect.poll(statuses, SOON).toEqual(['connected', 'connected']);
    await expect.poll(stored, SOON).toEqual(eachOnce(from));
    const before = await writes();

    a.signal('SIGCONT');
    await expect.poll(() => cluster.log('a'), SOON).toContain('session was taken over by another process');

    expect(await writes()).toEqual(before);
    // It counts as alive again, and gets its share from the other one.
    await expect.poll(() => cluster.shares(), SOON).toEqual({ a: 1, b: 1 });
    await acknowledged(await write());
    await expect.poll(stored, SOON).toEqual(eachOnce(from));
  });
});
