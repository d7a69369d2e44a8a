import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { Scenario } from '../repositories/scenario.js';
import type { TestDatabase } from '../support/databases.js';
import { type HttpApp, startHttpApp } from './http-app.js';

interface Minute {
  at: string;
  received: number;
  received_ms: { median: number; p95: number } | null;
  sent: number;
  sent_ms: { median: number; p95: number } | null;
}

let http: HttpApp;
let database: OpenDatabase;
let scenario: Scenario;

beforeAll(async () => {
  http = await startHttpApp();
  database = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  scenario = await Scenario.create(database as unknown as TestDatabase);
});
afterAll(() => http.stop());

const get = async <T>(path: string) => (await http.api.call<T>('GET', `/api/admin/${path}`)).body;

describe('nodes and leases', () => {
  it('name the processes, and the numbers that they run', async () => {
    const held = await scenario.addInstance();
    const free = await scenario.addInstance();
    await database.sql(
      `insert into nodes (id, kind, incarnation, expires_at) values
        ('here', 'api', gen_random_uuid(), now() + interval '30 seconds'),
        ('gone', 'worker', gen_random_uuid(), now() - interval '5 minutes')`,
    );
    await database.sql(
      `update whatsapp_instances set lease_owner = 'here', lease_epoch = 7, lease_expires_at = now() + interval '30 seconds'
        where id = $1::text::uuid`,
      [held],
    );
    await database.sql(
      `update whatsapp_instances set lease_owner = 'gone', lease_expires_at = now() - interval '1 minute'
        where id = $1::text::uuid`,
      [free],
    );

    const { nodes } = await get<{ nodes: object[] }>('nodes');
    expect(nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'here', kind: 'api', is_alive: true, is_leaving: false, sessions: 1 }),
        expect.objectContaining({ id: 'gone', kind: 'worker', is_alive: false, sessions: 0 }),
      ]),
    );
    const { leases } = await get<{ leases: { instance_id: string }[] }>('leases');
    expect(leases.find(({ instance_id: id }) => id === held)).toMatchObject({
      organization_id: scenario.organizationId,
      node_id: 'here',
      epoch: 7,
    });
    // Of a lease that is over nobody is the holder.
    expect(leases.map(({ instance_id: id }) => id)).not.toContain(free);
  });
});

describe('dead messages', () => {
  it('are listed page after page without what is in them, and leave the list when they are given another chance', async () => {
    const ids = await scenario.received(
      { phone: '5511988880001', text: 'one' },
      { phone: '5511988880001', text: 'two' },
      { phone: '5511988880001', text: 'three' },
    );
    await database.sql(
      `update inbox set state = 2, outcome = 'dead', reason = 'undecodable', error = repeat('e', 900), processed_at = now()
        where instance_id = $1::text::uuid`,
      [scenario.instanceId],
    );
    const first = await get<{ dead: { id: string; error: string }[]; next_cursor: string }>(
      'inbox/dead?limit=2',
    );
    const second = await get<{ dead: { id: string }[]; next_cursor: null }>(
      `inbox/dead?limit=2&cursor=${first.next_cursor}`,
    );

    expect(first.dead).toHaveLength(2);
    expect(first.dead[0]).toMatchObject({
      organization_id: scenario.organizationId,
      instance_id: scenario.instanceId,
      reason: 'undecodable',
      error: 'e'.repeat(500),
    });
    expect(second.dead).toHaveLength(ids.length - 2);
    expect(JSON.stringify([first, second])).not.toContain('988880001');
    expect((await get<{ dead: [] }>('inbox/dead?organization_id=org_other')).dead).toEqual([]);

    await http.api.call('POST', '/api/admin/inbox/redrive', { instance_id: scenario.instanceId });
    expect((await get<{ dead: [] }>(`inbox/dead?instance_id=${scenario.instanceId}`)).dead).toEqual([]);
  });
});

describe('throughput', () => {
  it('counts each minute, and says how long half and 95 of 100 took', async () => {
    await database.sql(
      `update inbox set state = 1, outcome = 'stored', received_at = now(), processed_at = now() + interval '40 milliseconds'
        where instance_id = $1::text::uuid`,
      [scenario.instanceId],
    );
    await database.sql(
      `insert into messages (organization_id, instance_id, direction, chat_key, status, sent_at, created_at, status_at)
        values ($1::text, $2::text::uuid, 'outbound', 'someone', 'sent', now(), now(),
          jsonb_build_object('sent', now() + interval '120 milliseconds'))`,
      [scenario.organizationId, scenario.instanceId],
    );
    const { minutes, is_capped } = await get<{ minutes: Minute[]; is_capped: boolean }>(
      'throughput?minutes=5',
    );

    expect(is_capped).toBe(false);
    expect(minutes).toHaveLength(5);
    expect(minutes.map(({ at }) => at)).toEqual(minutes.map(({ at }) => at).toSorted());
    const sum = (key: 'received' | 'sent') => minutes.reduce((total, minute) => total + minute[key], 0);
    expect([sum('received'), sum('sent')]).toEqual([3, 1]);
    const some = (key: 'received_ms' | 'sent_ms') => minutes.find((minute) => minute[key] !== null)![key];
    expect([some('received_ms'), some('sent_ms')]).toEqual([
      { median: 40, p95: 40 },
      { median: 120, p95: 120 },
    ]);
    // A minute in which nothing was is told, too.
    expect(minutes[0]).toMatchObject({ received: 0, received_ms: null, sent: 0, sent_ms: null });
  });

  it.each(['0', '181', 'x'])('refuses %s minutes', async (minutes) => {
    expect((await http.api.call('GET', `/api/admin/throughput?minutes=${minutes}`)).status).toBe(400);
  });
});
