import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InboxRow } from '../../src/common/inbox.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

describe.each(TEST_STORES)('claiming on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let second: string;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
    second = await scenario.addInstance();
    await scenario.takeOverSession(second, 'node-1');
  });
  afterEach(() => database.sql('update inbox set state = 1 where state = 0'));

  const epochs = () => [
    { instanceId: scenario.instanceId, epoch: scenario.epoch },
    { instanceId: second, epoch: 1 },
  ];
  const fill = (mine: number, theirs: number) =>
    scenario.commit({
      epochs: epochs(),
      inbox: [
        ...Array.from({ length: mine }, () => scenario.row()),
        ...Array.from({ length: theirs }, () => scenario.row({ instanceId: second })),
      ],
    });
  const claim = async (worker: string, limit: number, leaseSeconds = 60) =>
    (await scenario.inbox.claim({ worker, limit, leaseSeconds })).rows;
  const perInstance = (rows: InboxRow[]) =>
    [scenario.instanceId, second].map((id) => rows.filter((row) => row.instanceId === id).length);

  it('gives a fair share to each instance, in order of arrival', async () => {
    await fill(20, 5);

    const rows = await claim('w', 10);

    expect(perInstance(rows)).toEqual([5, 5]);
    expect(rows.map((row) => Number(row.id))).toEqual(
      rows.map((row) => Number(row.id)).toSorted((a, b) => a - b),
    );
  });

  it('gives an instance to one worker at a time', async () => {
    await fill(4, 0);
    expect(await claim('a', 2)).toHaveLength(2);
    await scenario.commit({ epochs: epochs(), inbox: [scenario.row({ instanceId: second })] });

    expect(perInstance(await claim('b', 10))).toEqual([0, 1]);
    expect(perInstance(await claim('a', 10))).toEqual([4, 0]);
  });

  it('gives the rows of a worker that went silent to the next, and counts attempts', async () => {
    await fill(2, 0);
    await claim('a', 10, 0);

    const rows = await claim('b', 10);

    expect(rows.map((row) => row.attempts)).toEqual([1, 1]);
  });

  it('is as fast on a backlog that the statistics of the database do not know of', async () => {
    const receive = (state: number, from: number, to: number) =>
      database.sql(
        `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, state)
           select $1::text, $2::text::uuid, g::text, 'c', 's', 'backlog' || g, $3::text::smallint
           from generate_series($4::text::int, $5::text::int) g`,
        [scenario.organizationId, scenario.instanceId, `${state}`, `${from}`, `${to}`],
      );
    await receive(1, 1, 20_000);
    await database.sql('analyze inbox');
    await receive(0, 20_001, 80_000);
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const startedAt = performance.now();
      const rows = await claim('w', 200);
      await scenario.inbox.renewClaims({ worker: 'w', ids: rows.map((row) => row.id), leaseSeconds: 60 });
      const { processed } = await scenario.ingest(
        rows.map((row) => ({ inboxId: row.id, action: 'skip', reason: 'group' })),
        'w',
      );
      took.push(performance.now() - startedAt);
      expect([rows.length, processed]).toEqual([200, 200]);
    }

    // About 30 ms; searching all that is pending for each row takes seconds. The machine may be slow once, not each time.
    expect(Math.min(...took)).toBeLessThan(1_500);
  });

  it('claims for one instance when asked', async () => {
    await fill(2, 2);

    const { rows } = await scenario.inbox.claim({
      worker: 'w',
      limit: 10,
      leaseSeconds: 60,
      instanceId: second,
    });

    expect(perInstance(rows)).toEqual([0, 2]);
  });

  it('tells how much waits', async () => {
    await fill(2, 1);

    const stats = await scenario.inbox.stats('all');

    expect(stats).toEqual({
      pending: 3,
      dead: 0,
      oldestPendingAt: '2025-10-02T12:00:00.000Z',
      isCapped: false,
      byOrganization: [
        {
          organizationId: scenario.organizationId,
          pending: 3,
          dead: 0,
          oldestPendingAt: '2025-10-02T12:00:00.000Z',
          isCapped: false,
        },
      ],
    });
  });

  it('counts up to a bound, and says so', async () => {
    await fill(2, 1);
    await database.sql(
      `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash)
        select 'busy', '00000000-0000-0000-0000-000000000001', 'M', 'c', 's', m::text from generate_series(1, 12000) m`,
    );

    const stats = await scenario.inbox.stats('all');
    await database.sql(`delete from inbox where organization_id = 'busy'`);

    expect(stats).toMatchObject({
      pending: 10_003,
      isCapped: true,
      byOrganization: [
        { organizationId: 'busy', pending: 10_000, isCapped: true },
        { organizationId: scenario.organizationId, pending: 3, isCapped: false },
      ],
    });
  });

  it('tells an organization how much of its own waits, whatever waits for others', async () => {
    await fill(2, 1);
    await database.sql(
      `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash)
        select 'noisy-' || n, gen_random_uuid(), 'M', 'c', 's', m::text
        from generate_series(1, 100) n, generate_series(1, 4) m`,
    );

    const stats = await scenario.inbox.stats({ organizationIds: [scenario.organizationId, 'noisy-7'] });
    const ofNone = await scenario.inbox.stats({ organizationIds: [] });

    expect(stats).toMatchObject({
      pending: 7,
      byOrganization: [
        { organizationId: 'noisy-7', pending: 4 },
        { organizationId: scenario.organizationId, pending: 3 },
      ],
    });
    expect(ofNone).toEqual({
      pending: 0,
      dead: 0,
      oldestPendingAt: null,
      isCapped: false,
      byOrganization: [],
    });
  });

  it('gives every organization its share, however many instances another has', async () => {
    const other = await Scenario.create(database);
    const many = [scenario.instanceId, second];
    for (let index = 0; index < 48; index += 1) {
      const id = await scenario.addInstance();
      await scenario.takeOverSession(id, 'node-1');
      many.push(id);
    }
    await scenario.commit({
      epochs: many.map((instanceId) => ({ instanceId, epoch: 1 })),
      inbox: many.flatMap((instanceId) => Array.from({ length: 10 }, () => scenario.row({ instanceId }))),
    });
    await other.commit({ inbox: Array.from({ length: 200 }, () => other.row()) });

    const rows = await claim('w', 100);

    const theirs = rows.filter((row) => row.organizationId === other.organizationId);
    expect(theirs).toHaveLength(50);
    const shares = many.map((id) => rows.filter((row) => row.instanceId === id).length);
    expect(shares).toEqual(many.map(() => 1));
    // Even where there is room for fewer rows than instances.
    await database.sql('update inbox set claimed_by = null, claimed_until = null');
    const few = await claim('v', 2);
    expect(new Set(few.map((row) => row.organizationId)).size).toBe(2);
  });

  it('lets a flood delay the one message of another instance by no more than one call', async () => {
    await scenario.commit({
      epochs: epochs(),
      inbox: Array.from({ length: 5000 }, () => scenario.row({ body: null })),
    });
    await scenario.commit({ epochs: epochs(), inbox: [scenario.row({ instanceId: second })] });

    const rows = await claim('w', 200);

    expect(perInstance(rows)).toEqual([100, 1]);
    const ids = rows.map((row) => Number(row.id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const { rows: oldest } = await database.sql(
      'select id from inbox where instance_id = $1::text::uuid and state = 0 order by id limit 100',
      [scenario.instanceId],
    );
    expect(rows.filter((row) => row.instanceId === scenario.instanceId).map((row) => Number(row.id))).toEqual(
      oldest.map((row) => Number(row['id'])),
    );
  });

  it('gives no more than eight mebibytes at once, but always one row', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, 7);
    await scenario.commit({
      epochs: epochs(),
      inbox: [scenario.row({ body: Buffer.alloc(9 * 1024 * 1024) }), scenario.row()],
    });
    const sizes = async () => {
      const rows = await claim('w', 100);
      await scenario.ingest(
        rows.map((row) => ({ inboxId: row.id, action: 'skip', reason: 'group' })),
        'w',
      );
      return rows.length;
    };

    expect([await sizes(), await sizes(), await sizes()]).toEqual([1, 1, 0]);
    for (let count = 0; count < 5; count += 1) {
      await scenario.commit({ epochs: epochs(), inbox: [scenario.row({ body })] });
    }
    expect([await sizes(), await sizes(), await sizes()]).toEqual([2, 2, 1]);
  });

  it('keeps renewed claims from others, until they end', async () => {
    await fill(3, 0);
    const rows = await claim('a', 10, 0);
    const ids = rows.map((row) => row.id);

    await scenario.inbox.renewClaims({ worker: 'b', ids, leaseSeconds: 60 });
    expect(await claim('b', 1, 0)).toHaveLength(1);
    await scenario.inbox.renewClaims({ worker: 'b', ids, leaseSeconds: 60 });

    expect(await claim('a', 10)).toEqual([]);
    expect(
      (
        await scenario.ingest(
          ids.map((inboxId) => ({ inboxId, action: 'skip', reason: 'group' })),
          'b',
        )
      ).processed,
    ).toBe(3);
  });

  it('ends the claims of an earlier process', async () => {
    await fill(3, 2);
    await claim('killed', 4);
    expect(await claim('a', 10)).toEqual([]);

    expect(await scenario.inbox.releaseClaims()).toBe(4);

    expect(await claim('a', 10)).toHaveLength(5);
  });

  it('gives dead rows another chance, each in its turn and in its old place', async () => {
    const items = await scenario.received({ phone: '551' }, { phone: '551' }, { phone: '551' });
    const kill = (dying: typeof items) =>
      scenario.ingest(
        dying.map(({ inboxId }) => ({ inboxId, action: 'dead' as const, reason: 'wrong_padding' })),
      );
    await kill(items.slice(0, 1));
    await kill(items.slice(1));
    const redrive = (limit: number) =>
      scenario.inbox.redrive({
        instanceId: scenario.instanceId,
        organizationId: scenario.organizationId,
        limit,
      });

    expect(await redrive(1)).toEqual({ redriven: 1, instanceIds: [scenario.instanceId] });
    expect(await scenario.states()).toEqual(['0 null', '2 wrong_padding', '2 wrong_padding']);
    await kill(items.slice(0, 1));
    expect((await redrive(2)).redriven).toBe(2);
    expect(await scenario.states()).toEqual(['2 wrong_padding', '0 null', '0 null']);
    expect(await scenario.inbox.redrive({ organizationId: 'org_other', limit: 100 })).toEqual({
      redriven: 0,
      instanceIds: [],
    });
    expect((await redrive(100)).redriven).toBe(1);
    expect((await scenario.ingest(items)).events).toHaveLength(3);
  });

  it('never gives one row to two workers that ask at the same time', async () => {
    await fill(30, 30);

    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((worker) => claim(worker, 100)));

    const ids = claims.flat().map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const instanceId of [scenario.instanceId, second]) {
      expect(claims.filter((rows) => rows.some((row) => row.instanceId === instanceId))).toHaveLength(1);
    }
  });

  it('ingests for one organization from several workers without doubling or gaps', async () => {
    await fill(40, 40);
    const rows = await claim('w', 100);
    const work = async (instanceId: string) => {
      const items = rows
        .filter((row) => row.instanceId === instanceId)
        .map((row, index) => ({
          inboxId: row.id,
          action: 'client' as const,
          reason: 'client_message',
          // The same people write to both numbers, in opposite order, by changing addresses.
          person:
            instanceId === second
              ? { lid: String(40 - index), phone: `55${40 - index}` }
              : { lid: String(index + 1) },
          messageId: row.id,
          content: 'x',
          contentType: 'conversation',
          sentAt: new Date(),
        }));
      for (let start = 0; start < items.length; start += 5) {
        const some = items.slice(start, start + 5);
        await Promise.all([scenario.ingest(some, 'w'), scenario.ingest(some, 'w')]);
      }
    };

    await Promise.all([work(scenario.instanceId), work(second)]);

    expect(await scenario.count('messages')).toBe(80);
    expect(await scenario.count('contacts')).toBe(40);
    const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 1000 });
    expect(events.map((event) => event.sequence)).toEqual(
      Array.from({ length: 80 }, (_, index) => index + 1),
    );
    const pending = await database.sql(
      `select count(*)::int as n from bookings where organization_id = $1::text and status = 'pending'`,
      [scenario.organizationId],
    );
    expect(pending.rows[0]).toEqual({ n: 40 });
  });

  it('commits, ingests, sends and changes standings side by side', async () => {
    await fill(30, 30);
    const rows = await claim('w', 100);
    const items = rows.map((row, index) => ({
      inboxId: row.id,
      action: 'client' as const,
      reason: 'client_message',
      person: { phone: `55${index % 7}` },
      messageId: row.id,
      content: 'x',
      contentType: 'conversation',
      sentAt: new Date(),
    }));
    const ingest = async () => {
      for (let start = 0; start < items.length; start += 10) {
        await scenario.ingest(items.slice(start, start + 10), 'w');
      }
    };
    const commit = async () => {
      for (let batch = 0; batch < 10; batch += 1) {
        await scenario.commit({
          epochs: epochs().toReversed(),
          inbox: [scenario.row({ instanceId: second })],
        });
      }
    };
    const send = async () => {
      for (let message = 0; message < 10; message += 1) {
        const whatsappMessageId = `OUT${message}`;
        const phone = `55${message % 7}`;
        const { messageId } = await scenario.messages.beginOutbound({
          instanceId: message % 2 ? second : scenario.instanceId,
          organizationId: scenario.organizationId,
          whatsappMessageId,
          phone,
          chatJid: 'x',
          content: 'y',
          contentType: 'conversation',
        });
        await Promise.all([
          scenario.messages.finishOutbound({ messageId, status: 'sent' }),
          scenario.messages.applyReceipts([
            {
              instanceId: message % 2 ? second : scenario.instanceId,
              whatsappMessageId,
              status: 'delivered',
              chat: { phone },
            },
          ]),
        ]);
      }
    };

    await Promise.all([ingest(), commit(), send()]);

    const counts = await Promise.all(
      [scenario.instanceId, second].map((id) => scenario.instances.findInstance('all', id)),
    );
    expect(counts.map((one) => one?.messagesReceivedCount)).toEqual([30, 30]);
    expect(counts.map((one) => one?.messagesSentCount)).toEqual([5, 5]);
  });
});
