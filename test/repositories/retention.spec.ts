import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppConfig } from '../../src/config/app-config.js';
import type { Logs } from '../../src/logging/logs.js';
import { ContactErasure } from '../../src/privacy/contact-erasure.js';
import { RetentionSweep } from '../../src/privacy/retention-sweep.js';
import { AuditRepository } from '../../src/repositories/audit.repository.js';
import { ErasuresRepository } from '../../src/privacy/erasures.repository.js';
import { RetentionRepository } from '../../src/privacy/retention.repository.js';
import type { IngestItem } from '../../src/repositories/ingest-item.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const PHONE = '5511977776666';

describe.each(TEST_STORES)('retention on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let retention: RetentionRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    retention = new RetentionRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  /** Makes what there is older, as time does. */
  async function age(days: number): Promise<void> {
    const columns = {
      messages: ['created_at'],
      notes: ['created_at'],
      bookings: ['created_at', 'updated_at'],
      events: ['created_at'],
      inbox: ['received_at', 'processed_at'],
    };
    await database.sql('alter table bookings disable trigger touch_updated_at');
    for (const [table, names] of Object.entries(columns)) {
      const changes = names.map((name) => `${name} = ${name} - make_interval(days => ${days})`).join(', ');
      await database.sql(`update ${table} set ${changes} where organization_id = $1::text`, [
        scenario.organizationId,
      ]);
    }
    await database.sql('alter table bookings enable trigger touch_updated_at');
  }

  /** One step for the scenario's organization alone. */
  async function applyStep(limit: number) {
    const p = { organization_id: scenario.organizationId, limit };
    const { data, error } = await database.client.rpc('apply_retention', { p });
    expect(error).toBeNull();
    return data as { counts: Record<string, number>; more: boolean; busy: boolean };
  }

  /** Takes steps until nothing is left to do. */
  async function sweep(limit = 100): Promise<Record<string, number>> {
    const total: Record<string, number> = {};
    for (let hasMore = true; hasMore;) {
      const step = await applyStep(limit);
      expect(step.busy).toBe(false);
      Object.entries(step.counts).forEach(([kind, rows]) => (total[kind] = (total[kind] ?? 0) + rows));
      hasMore = step.more;
    }
    return Object.fromEntries(Object.entries(total).filter(([, rows]) => rows > 0));
  }

  /** What the scenario receives is of 2025; this makes it of now. */
  async function freshen(): Promise<void> {
    await database.sql(
      `update inbox set received_at = now() where organization_id = $1::text and received_at < '2025-10-03'`,
      [scenario.organizationId],
    );
  }

  async function sendInDoubt(): Promise<void> {
    await scenario.messages.beginOutbound({
      organizationId: scenario.organizationId,
      instanceId: scenario.instanceId,
      whatsappMessageId: 'OPEN',
      phone: PHONE,
      chatJid: `${PHONE}@s.whatsapp.net`,
      content: 'in doubt',
      contentType: 'conversation',
    });
  }

  async function receive(count: number, text = 'hi'): Promise<void> {
    const written = Array.from({ length: count }, () => ({ phone: PHONE, text }));
    await scenario.ingest(await scenario.received(...written));
    await freshen();
  }

  it('has defaults: what came in goes after a while, the business stays', async () => {
    expect(await retention.findRetention(scenario.organizationId)).toEqual({
      organizationId: scenario.organizationId,
      messages_days: null,
      notes_days: null,
      bookings_days: null,
      inbox_bodies_days: 30,
      inbox_days: 90,
      events_days: 90,
      audit_days: 365,
      updatedAt: null,
    });
    await receive(3);
    await scenario.ingest(await scenario.ownerWrote({ phone: PHONE }));
    await freshen();
    expect(await sweep()).toEqual({});

    await age(31);
    expect(await sweep()).toEqual({ inbox_bodies: 4 });
    expect(await sweep()).toEqual({});
    await age(60);

    expect(await sweep()).toEqual({ events: 4, inbox: 4 });
    expect(await scenario.count('inbox')).toBe(0);
    for (const [table, rows] of [
      ['messages', 3],
      ['notes', 1],
      ['bookings', 1],
      ['contacts', 1],
    ] as const) {
      expect(await scenario.count(table)).toBe(rows);
    }
  });

  it('keeps what the organization says, in small steps, and never what waits', async () => {
    await retention.updateRetention(scenario.organizationId, {
      messages_days: 10,
      notes_days: 10,
      bookings_days: 10,
      events_days: 10,
      inbox_bodies_days: 10,
      inbox_days: 45,
    });
    await receive(25);
    await scenario.ingest(await scenario.ownerWrote({ phone: PHONE }));
    await sendInDoubt();
    await age(50);
    await receive(2, 'new');
    const [waiting] = await scenario.received({ phone: PHONE });

    expect(await sweep(10)).toMatchObject({ messages: 25, notes: 1, events: 27 });

    const left = await scenario.messages.listMessages(scenario.organizationId, { limit: 10 });
    expect(left.items.map(({ content }) => content).toSorted()).toEqual(['in doubt', 'new', 'new']);
    const pending = await database.sql(
      'select body is not null as has_body from inbox where id = $1::text::bigint',
      [waiting!.inboxId],
    );
    expect(pending.rows).toEqual([{ has_body: true }]);
    const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 100 });
    expect(events.map(({ sequence }) => sequence)).toEqual([28, 29]);
    expect(await scenario.events.findOldest(scenario.organizationId)).toBe(28);
  });

  it('keeps a booking until its time is past, too', async () => {
    await retention.updateRetention(scenario.organizationId, { bookings_days: 10 });
    await receive(1);
    await age(50);
    const startsIn = (days: number) =>
      database.sql(
        `update bookings set starts_at = now() + make_interval(days => ${days}), updated_at = created_at where organization_id = $1::text`,
        [scenario.organizationId],
      );

    await database.sql('alter table bookings disable trigger touch_updated_at');
    await startsIn(1);
    expect(await sweep()).not.toHaveProperty('bookings');
    await startsIn(-11);
    expect(await sweep()).toMatchObject({ bookings: 1 });
    await database.sql('alter table bookings enable trigger touch_updated_at');
  });

  it('is not held up by a send in doubt that is older', async () => {
    await retention.updateRetention(scenario.organizationId, { messages_days: 10 });
    await sendInDoubt();
    await receive(5);
    await age(20);

    expect(await sweep(2)).toEqual({ messages: 5 });
  });

  it('takes deliveries of webhooks that are over, and none that waits', async () => {
    await database.sql(
      `with hook as (
        insert into webhook_endpoints (organization_id, url, secret) values ($1::text, 'https://example.com/', '\\x00') returning id
      )
      insert into webhook_deliveries (endpoint_id, organization_id, sequence, status, created_at)
        select h.id, $1::text, n, (array['pending', 'delivered', 'failed'])[n % 3 + 1], now() - make_interval(days => n)
        from hook h, generate_series(26, 34) n`,
      [scenario.organizationId],
    );
    expect(await sweep()).toEqual({ webhook_deliveries: 3 });
    await retention.updateRetention(scenario.organizationId, { events_days: 27 });
    expect(await sweep()).toEqual({ webhook_deliveries: 2 });
    expect(await scenario.count('webhook_deliveries')).toBe(4);
  });

  it('keeps all for ever where that is what the organization says', async () => {
    const all = {
      messages_days: null,
      notes_days: null,
      bookings_days: null,
      inbox_bodies_days: null,
      inbox_days: null,
      events_days: null,
      audit_days: null,
    };
    const changed = await retention.updateRetention(scenario.organizationId, all);
    await receive(2);
    await age(4000);

    expect(changed).toMatchObject(all);
    expect(await sweep()).toEqual({});
  });

  it('takes the file and the earlier texts of a message with it', async () => {
    await retention.updateRetention(scenario.organizationId, { messages_days: 10 });
    const [item] = await scenario.received({ phone: PHONE });
    const media = { kind: 'image' as const, sealed: Buffer.from('k') };
    await scenario.ingest([{ ...item!, detail: { type: 'image', media } } as IngestItem]);
    await database.sql(
      `with file as (
         insert into media_files (organization_id, sha256, size, mime_type, backend, state)
           values ($1::text, '\\x01', 1, 'image/png', 'local', 'stored') returning id
       ), edit as (
         insert into message_edits (organization_id, message_id, ordinal, content, edited_at)
           select organization_id, id, 1, 'before', now() from messages where organization_id = $1::text
       )
       update message_media set state = 'ready', file_id = file.id from file where organization_id = $1::text`,
      [scenario.organizationId],
    );
    await age(20);

    expect(await sweep()).toMatchObject({ messages: 1 });

    expect([await scenario.count('message_media'), await scenario.count('message_edits')]).toEqual([0, 0]);
    const { rows } = await database.sql(
      'select expires_at <= now() as is_due from media_files where organization_id = $1::text',
      [scenario.organizationId],
    );
    expect(rows).toEqual([{ is_due: true }]);
  });

  it('gives up changes whose message did not come in time, whatever is kept for ever', async () => {
    for (const [index, messageId] of ['OLD1', 'OLD2', 'OLD3', 'NEW'].entries()) {
      const [item] = await scenario.received({ phone: PHONE });
      await scenario.ingest([
        {
          inboxId: item!.inboxId,
          action: 'change',
          reason: 'delete',
          messageId: `CHANGE${index}`,
          person: { phone: PHONE },
          sentAt: new Date('2025-10-02T12:00:00Z'),
          origin: { chatKind: 'direct', fromMe: false },
          change: { kind: 'delete', target: { messageId, fromMe: false } },
        },
      ]);
    }
    await freshen();
    await database.sql(
      `update pending_changes set expires_at = now() where organization_id = $1::text and message_id like 'OLD%'`,
      [scenario.organizationId],
    );

    expect(await sweep(2)).toEqual({ pending_changes: 3 });
    expect(await scenario.count('pending_changes')).toBe(1);
  });

  it('is the matter of one process at a time', async () => {
    if (store === 'pglite') {
      return; // one process has it for itself
    }
    await receive(1);
    const { PgExecutor } = await import('../../src/supabase/pg-executor.js');
    const other = new PgExecutor({ connectionString: database.url!, poolSize: 1 });
    try {
      await other.query('begin');
      await other.query(`select pg_advisory_xact_lock(hashtextextended('auzap retention', 0))`);

      expect(await applyStep(10)).toEqual({ busy: true });
      expect(await retention.sweep(undefined, 10)).toBeUndefined();

      await other.query('rollback');
      expect(await applyStep(10)).toMatchObject({ busy: false });
    } finally {
      await other.close();
    }
  });

  it('is swept by itself, with a line of counts, and erasures that were interrupted are finished', async () => {
    await receive(3);
    await age(100);
    const erasures = new ErasuresRepository(database.client);
    const [contact] = await scenario.allContacts();
    expect(await erasures.eraseStep(scenario.organizationId, contact!.id, 1)).toBeUndefined();
    const found = await erasures.listUnfinished(-1_000);
    const unfinished = vi.spyOn(erasures, 'listUnfinished').mockResolvedValue([
      { organizationId: 'org_missing', contactId: contact!.id }, // which fails
      ...found,
    ]);
    const other = await Scenario.create(database);
    await other.ingest(await other.received({ phone: PHONE }));
    await database.sql(
      `insert into node_requests (id, instance_id, kind, payload, expires_at)
         values (gen_random_uuid(), $1::text::uuid, 'send', '\\x00', now())`,
      [scenario.instanceId],
    );
    const lines: { message: string; fields: Record<string, unknown> }[] = [];
    const write = (fields: Record<string, unknown>, message: string) => lines.push({ message, fields });
    const logs = { component: () => ({ info: write, warn: write }) } as unknown as Logs;
    const sweep = new RetentionSweep(
      retention,
      new AuditRepository(database.client),
      new ContactErasure(erasures, logs),
      {
        intervalMs: 3_600_000,
        firstAfterMs: 0,
        pauseMs: 0,
        stepRows: 100,
        erasureIdleMs: -1_000,
        erasureIntervalMs: 100,
      },
      { queueDriver: 'embedded', runWorker: true } as AppConfig,
      logs,
    );

    sweep.onApplicationBootstrap();
    const sweptOf = ({ organizationId }: Scenario) =>
      lines.find(
        ({ fields, message }) => message.startsWith('data') && fields['organizationId'] === organizationId,
      );
    await vi.waitFor(() => {
      expect(sweptOf(scenario)?.fields['counts']).toMatchObject({ events: 3 });
      expect(sweptOf(other)?.fields['counts']).toMatchObject({ inbox: 1 });
    }, 30_000);
    expect(await other.count('messages')).toBe(1);
    // One that is interrupted later does not wait for the next hour.
    const [theirs] = await other.allContacts();
    expect(await erasures.eraseStep(other.organizationId, theirs!.id, 1)).toBeUndefined();
    unfinished.mockRestore();
    await vi.waitFor(async () => expect(await other.count('contacts')).toBe(0), 30_000);
    await sweep.beforeApplicationShutdown();

    expect(lines.map(({ message }) => message).slice(0, 2)).toEqual([
      'erasure can not be finished',
      'contact erased',
    ]);
    expect(await scenario.count('contacts')).toBe(0);
    expect(await scenario.count('events')).toBe(0);
    expect((await database.sql('select from node_requests')).rows).toEqual([]);
  });

  it('knows no settings of an organization that does not exist', async () => {
    expect(await retention.findRetention('org_missing')).toBeNull();
    expect(await retention.updateRetention('org_missing', { events_days: 5 })).toBeNull();
  });

  it('is swept for many organizations in a call, and goes on where one takes more than a step', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => Scenario.create(database)));
    await receive(25);
    await age(100);
    const counts: Record<string, number> = {};
    let calls = 0;
    for (let after: string | undefined, isOver = false; !isOver; calls += 1) {
      const step = (await retention.sweep(after, 10))!;
      step.swept
        .filter(({ organizationId }) => organizationId === scenario.organizationId)
        .flatMap((swept) => Object.entries(swept.counts))
        .forEach(([kind, rows]) => (counts[kind] = (counts[kind] ?? 0) + rows));
      after = step.after;
      isOver = step.isOver;
    }

    expect(counts).toMatchObject({ events: 25, inbox: 25 });
    // Three steps for the one that has much, and what the tests before left behind.
    expect(calls).toBeLessThan(others.length);
  });
});
