import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RetentionRepository } from '../../src/privacy/retention.repository.js';
import { AuditRepository, type NewAuditEntry } from '../../src/repositories/audit.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

describe.each(TEST_STORES)('the audit log on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let audit: AuditRepository;
  const actor = { kind: 'api-key', id: randomUUID(), name: 'front desk' };

  beforeAll(async () => {
    database = await openTestDatabase(store);
    audit = new AuditRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  const own = () => ({ organizationIds: [scenario.organizationId] });
  const entry = (values: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
    actor,
    action: 'POST /api/x',
    scope: own(),
    ...values,
  });
  const list = (filter: object = {}) => audit.listEntries(own(), { limit: 50, ...filter });

  it('says of each operation who did it, and how it ended', async () => {
    const id = await audit.insertEntry(
      entry({
        object: { type: 'instances', id: scenario.instanceId },
        requestId: 'r-1',
        address: '127.0.0.1',
        details: { limit: 5 },
      }),
    );
    expect((await list()).items).toMatchObject([{ id: String(id), outcome: 'begun', status: null }]);

    await audit.finishEntries([{ id, outcome: 'done', status: 200 }]);
    await audit.finishEntries([{ id, outcome: 'failed', status: 500 }]);

    expect((await list()).items).toEqual([
      {
        id: String(id),
        at: expect.any(String) as string,
        organizationId: scenario.organizationId,
        actorKind: 'api-key',
        actorId: actor.id,
        actorName: 'front desk',
        action: 'POST /api/x',
        objectType: 'instances',
        objectId: scenario.instanceId,
        requestId: 'r-1',
        address: '127.0.0.1',
        outcome: 'done',
        status: 200,
        details: { limit: 5 },
      },
    ]);
  });

  it('names the organization of the object to an administrator, and to nobody who must not know of it', async () => {
    const object = { type: 'instances', id: scenario.instanceId };
    const other = await Scenario.create(database);

    await audit.insertEntry(entry({ object, scope: 'all', action: 'BY administrator' }));
    await audit.insertEntry(
      entry({
        object,
        scope: { organizationIds: [other.organizationId, 'org_third'] },
        action: 'BY stranger',
      }),
    );

    expect((await list()).items.map(({ action }) => action)).toEqual(['BY administrator']);
    const all = await audit.listEntries('all', { limit: 5, action: 'BY stranger' });
    expect(all.items[0]).toMatchObject({ organizationId: null, objectId: scenario.instanceId });
  });

  it('is filtered and paged, newest first', async () => {
    const object = { type: 'contacts', id: randomUUID() };
    for (const action of ['A', 'B', 'C']) {
      await audit.insertEntry(entry({ action, object, outcome: action === 'B' ? 'refused' : 'done' }));
    }

    const first = await list({ limit: 2 });
    const second = await list({ limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ action }) => action)).toEqual(['C', 'B', 'A']);
    expect((await list({ outcome: 'refused' })).items).toMatchObject([{ action: 'B' }]);
    expect((await list({ action: 'C', actorId: actor.id, objectId: object.id })).items).toHaveLength(1);
    expect((await list({ actorId: 'somebody' })).items).toEqual([]);
    expect((await list({ from: new Date(Date.now() + 60_000) })).items).toEqual([]);
    expect((await list({ to: new Date(Date.now() + 60_000) })).items).toHaveLength(3);
  });

  it('is listed by time, also where entries got their numbers in another order', async () => {
    for (const [action, minutes] of Object.entries({ second: 2, third: 3, first: 1, alsoThird: 3 })) {
      await database.sql(
        `insert into audit_log (at, organization_id, actor_kind, actor_id, actor_name, action)
           values ('2025-11-06T12:00:00.123456Z'::timestamptz - make_interval(mins => $2::text::int), $1::text, 'user', 'u', 'u', $3::text)`,
        [scenario.organizationId, String(minutes), action],
      );
    }

    const actions: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await list({ limit: 1, cursor });
      actions.push(...page.items.map(({ action }) => action));
      cursor = page.nextCursor;
    }

    expect(actions).toEqual(['first', 'second', 'alsoThird', 'third']);
  });

  it.each([
    ['changed', `update audit_log set actor_name = 'nobody'`],
    ['changed back', `update audit_log set outcome = 'begun'`],
    ['deleted', 'delete from audit_log'],
    ['emptied', 'truncate audit_log'],
  ])('can not be %s, not even by its owner', async (_how, statement) => {
    await audit.insertEntry(entry({ outcome: 'done' }));

    await expect(database.sql(statement)).rejects.toMatchObject({ code: '42501' });
    expect((await list()).items).toHaveLength(1);
  });

  it.each(['update audit_log set status = 1', 'delete from audit_log', 'truncate audit_log'])(
    'does not let the service do: %s',
    async (statement) => {
      const { rows } = await database.sql(
        `select has_table_privilege('service_role', 'audit_log', $1::text) as may`,
        [statement.split(' ')[0]!],
      );

      expect(rows).toEqual([{ may: false }]);
    },
  );

  it('goes when its time is over, and no entry before', async () => {
    await audit.insertEntry(entry({ action: 'NEW', outcome: 'done' }));
    await database.sql('alter table audit_log disable trigger keep_audit_log');
    await audit.insertEntry(entry({ action: 'OLD', outcome: 'done' }));
    await database.sql(`update audit_log set at = now() - interval '366 days' where action = 'OLD'`);
    await audit.insertEntry(entry({ action: 'NEWER', outcome: 'done' }));
    await database.sql('alter table audit_log enable trigger keep_audit_log');

    expect(await audit.applyRetention(scenario.organizationId, 100)).toBe(1);

    expect((await list()).items.map(({ action }) => action)).toEqual(['NEWER', 'NEW']);
    expect(await audit.applyRetention(null, 100)).toBe(0);
  });

  it('stays for as long as the operator says, though the organization keeps less', async () => {
    const retention = new RetentionRepository(database.client);
    await retention.updateRetention(scenario.organizationId, { audit_days: 30 });
    await database.sql('alter table audit_log disable trigger keep_audit_log');
    await audit.insertEntry(entry({ action: 'OLD', outcome: 'done' }));
    await database.sql(`update audit_log set at = now() - interval '100 days' where action = 'OLD'`);
    await database.sql('alter table audit_log enable trigger keep_audit_log');

    expect(await audit.applyRetention(scenario.organizationId, 100, 365)).toBe(0);
    const swept = (await retention.sweep(undefined, 1000, 365))?.swept ?? [];
    expect(swept.filter(({ organizationId }) => organizationId === scenario.organizationId)).toEqual([]);
    expect(await audit.applyRetention(scenario.organizationId, 100)).toBe(1);
  });
});
