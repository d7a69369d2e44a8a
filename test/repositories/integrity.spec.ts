import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IngestItem } from '../../src/repositories/ingest-item.js';
import { IntegrityRepository } from '../../src/instances/integrity.repository.js';
import { TicksRepository } from '../../src/repositories/ticks.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario, type Written } from './scenario.js';

const DAY = { from: new Date('2025-10-02T00:00:00Z'), to: new Date('2025-10-03T00:00:00Z') };
const DIRECT = { chatKind: 'direct', fromMe: false } as const;
const GROUP = { chatKind: 'group', fromMe: false } as const;

describe.each(TEST_STORES)('the loss ledger on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let integrity: IntegrityRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    integrity = new IntegrityRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
    await statusOf({ status: 'connected', session: true });
  });

  /** How the instance stands; on line since an hour unless said otherwise. */
  async function statusOf(now: { status: string; session: boolean; connectedSecondsAgo?: number }) {
    await database.sql(
      `update whatsapp_instances set status = $1::text, session_data = nullif($2::text, '')::bytea,
         last_connected_at = now() - $3::text::interval where id = $4::text::uuid`,
      [now.status, now.session ? 'x' : '', `${now.connectedSecondsAgo ?? 3600} seconds`, scenario.instanceId],
    );
  }

  /** Moves the entries into the past by our clock. */
  const age = (interval: string) =>
    database.sql(
      `update undecrypted_messages set created_at = now() - $1::text::interval where organization_id = $2::text`,
      [interval, scenario.organizationId],
    );

  const readable = async (written: Written, origin: IngestItem['origin'] = DIRECT) => {
    const [item] = await scenario.received(written);
    return { ...item, origin } as IngestItem;
  };
  const placeholder = async (
    written: Written & { id: string },
    origin: { chatKind: 'direct' | 'self' | 'group'; fromMe: boolean } = DIRECT,
  ): Promise<IngestItem> => {
    const [item] = await scenario.received(written);
    return {
      inboxId: item!.inboxId,
      action: 'undecrypted',
      reason: 'undecryptable',
      messageId: written.id,
      person: { phone: written.phone, lid: written.lid },
      sentAt: written.at ?? new Date('2025-10-02T12:00:00Z'),
      origin,
    };
  };
  const list = async (state?: 'waiting' | 'recovered' | 'given_up') =>
    (await integrity.listUndecrypted(scenario.organizationId, scenario.instanceId, { limit: 50, state }))
      .items;
  const states = async () => (await list()).map((one) => `${one.messageId} ${one.state}`).toReversed();
  const counts = () => integrity.summarize(scenario.organizationId, scenario.instanceId, DAY);
  /** Gives up after ten minutes, as the service does. */
  const giveUp = async () =>
    (await new TicksRepository(database.client).tick({ undecrypted: { afterMs: 600_000 } })).undecrypted;

  it('shows what waits, and makes no contact, message or event of it', async () => {
    const { events, processed } = await scenario.ingest([
      await placeholder({ id: 'A', phone: '551', lid: '1' }),
    ]);

    expect([events, processed]).toEqual([[], 1]);
    expect(await list()).toEqual([
      {
        id: expect.any(String) as string,
        messageId: 'A',
        chat: '5511988887777@s.whatsapp.net',
        chatKind: 'direct',
        fromMe: false,
        phone: '551',
        lid: '1',
        state: 'waiting',
        sentAt: '2025-10-02T12:00:00.000Z',
        receivedAt: '2025-10-02T12:00:00.000Z',
        settledAt: null,
      },
    ]);
    expect(await scenario.count('contacts')).toBe(0);
    expect(await scenario.states()).toEqual(['1 undecryptable']);
  });

  it.each([
    ['in a later call', false],
    ['in the same call', true],
  ])('recovers when the same message arrives readable, %s', async (_, together) => {
    const lost = await placeholder({ id: 'A', phone: '551' });
    const copy = await readable({ id: 'A', phone: '551', lid: '1', text: 'here' });

    for (const items of together ? [[lost, copy]] : [[lost], [copy]]) {
      await scenario.ingest(items);
    }

    expect(await list('recovered')).toMatchObject([
      { messageId: 'A', settledAt: expect.any(String) as string },
    ]);
    expect(await counts()).toMatchObject({ received: 2, stored: 1, recovered: 1, waiting: 0, lost: 0 });
  });

  it('knows the person again that was met by number first and by LID later', async () => {
    await scenario.ingest([await readable({ id: 'X', phone: '551', lid: '1' })]);
    await scenario.ingest([await placeholder({ id: 'A', phone: '551' })]);

    await scenario.ingest([await readable({ id: 'A', lid: '1' })]);

    expect(await states()).toEqual(['A recovered']);
  });

  it('lets nobody settle the message of somebody else by reusing its id', async () => {
    await scenario.ingest([await placeholder({ id: 'A', phone: '551', lid: '1' })]);

    await scenario.ingest([
      await readable({ id: 'A', phone: '666', lid: '6' }),
      await readable({ id: 'A', phone: '551', lid: '1' }, GROUP),
      await readable({ id: 'A', phone: '551' }, { chatKind: 'direct', fromMe: true }),
      // The digits of a LID are no phone number.
      await readable({ id: 'A', phone: '1' }),
    ]);

    expect(await states()).toEqual(['A waiting']);
  });

  it('lets nobody keep the message of somebody else out of the ledger', async () => {
    await scenario.ingest([await readable({ id: 'A', phone: '666' })]);
    await scenario.ingest([await placeholder({ id: 'A', phone: '666' })]);

    await scenario.ingest([await placeholder({ id: 'A', phone: '551' })]);

    expect(await list()).toMatchObject([{ phone: '551', state: 'waiting' }]);
  });

  it('recovers what is stored nowhere, such as a message of a group', async () => {
    const lost = await placeholder({ id: 'A', lid: '1' }, GROUP);
    const [copy] = await scenario.received({ id: 'A', lid: '1' });
    const skipped: IngestItem = {
      inboxId: copy!.inboxId,
      action: 'skip',
      reason: 'group',
      messageId: 'A',
      person: { lid: '1' },
      origin: GROUP,
    };

    await scenario.ingest([lost]);
    await scenario.ingest([{ inboxId: copy!.inboxId, action: 'dead', reason: 'wrong_padding' }]);
    expect(await states()).toEqual(['A waiting']);
    expect(await scenario.inbox.redrive({ organizationId: scenario.organizationId, limit: 10 })).toEqual({
      redriven: 1,
      instanceIds: [scenario.instanceId],
    });
    await scenario.ingest([skipped]);

    expect(await states()).toEqual(['A recovered']);
  });

  it('takes a placeholder of what is stored or listed already for a duplicate', async () => {
    await scenario.ingest([
      await readable({ id: 'A', phone: '551' }),
      await placeholder({ id: 'B', lid: '2' }),
    ]);

    await scenario.ingest([
      await placeholder({ id: 'A', phone: '551' }),
      await placeholder({ id: 'B', phone: '552', lid: '2' }),
    ]);

    expect(await states()).toEqual(['B waiting']);
    expect(await counts()).toMatchObject({ received: 4, stored: 1, duplicates: 2, waiting: 1 });
  });

  it('gives up after the bound on line, and takes a late copy all the same', async () => {
    await scenario.ingest([
      await placeholder({ id: 'A', phone: '551' }),
      await placeholder({ id: 'G', lid: '2' }, GROUP),
    ]);
    await age('9 minutes');
    expect(await giveUp()).toBe(0);

    await age('11 minutes');
    expect(await giveUp()).toBe(2);
    expect(await giveUp()).toBe(0);
    expect(await counts()).toMatchObject({ givenUp: 2, lost: 1 });

    await scenario.ingest([await readable({ id: 'A', phone: '551' })]);
    expect(await states()).toEqual(['A recovered', 'G given_up']);
  });

  it.each([
    ['waits for an instance that is off line', 'disconnected', true, 3600, '13 days', 'waiting'],
    ['but not for ever', 'disconnected', true, 3600, '15 days', 'given_up'],
    ['waits anew after each reconnect', 'connected', true, 60, '23 hours', 'waiting'],
    ['but not for ever when the line is bad', 'connected', true, 60, '25 hours', 'given_up'],
    [
      'expects nothing of an instance that was unlinked',
      'disconnected',
      false,
      3600,
      '11 minutes',
      'given_up',
    ],
  ])('%s', async (_, status, session, connectedSecondsAgo, waited, state) => {
    await scenario.ingest([await placeholder({ id: 'A', phone: '551' })]);
    await statusOf({ status, session, connectedSecondsAgo });
    await age(waited);

    await giveUp();

    expect(await states()).toEqual([`A ${state}`]);
  });

  it.each(['2099-01-01T00:00:00Z', '1971-01-01T00:00:00Z'])(
    'is ruled by our clock when the sender says that it is %s',
    async (at) => {
      await scenario.ingest([
        await placeholder({ id: 'A', phone: '551', at: new Date(at) }),
        await placeholder({ id: 'B', phone: '551' }),
      ]);

      expect(await giveUp()).toBe(0);
      expect(await states()).toEqual(['A waiting', 'B waiting']);
      expect(await counts()).toMatchObject({ received: 2, waiting: 2 });
    },
  );

  it('accounts for every row', async () => {
    const items = [
      await readable({ id: 'S1', phone: '551' }),
      await readable({ id: 'S1', phone: '551' }),
      { ...(await scenario.ownerWrote({ id: 'N1', phone: '551' }))[0]!, origin: { ...DIRECT, fromMe: true } },
      { ...(await scenario.ownerWrote({ id: 'N1', phone: '551' }))[0]!, origin: { ...DIRECT, fromMe: true } },
      ...(await scenario.received({}, {})).map(({ inboxId }) => ({
        inboxId,
        action: 'skip' as const,
        reason: 'group',
      })),
      ...(await scenario.received({})).map(({ inboxId }) => ({
        inboxId,
        action: 'dead' as const,
        reason: 'wrong_padding',
      })),
      // No address at all: dead.
      await readable({ id: 'D2' }),
      await placeholder({ id: 'U1', phone: '551' }),
      await placeholder({ id: 'U2', phone: '552' }),
      await readable({ id: 'U2', phone: '552' }),
    ];
    await scenario.ingest(items);
    await scenario.received({}, {}, {});
    const other = await scenario.addInstance();
    await scenario.takeOverSession(other, 'node-1');
    await scenario.commit({
      epochs: [{ instanceId: other, epoch: 1 }],
      inbox: [scenario.row({ instanceId: other })],
    });
    await scenario.commit({
      inbox: [DAY.to, new Date(DAY.from.getTime() - 1)].map((receivedAt) => scenario.row({ receivedAt })),
    });

    const { received, byReason, lost, ...parts } = await counts();

    expect(parts).toEqual({
      stored: 2,
      notes: 1,
      groups: 0,
      skipped: 2,
      duplicates: 2,
      pending: 3,
      dead: 2,
      waiting: 1,
      recovered: 1,
      givenUp: 0,
    });
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(received);
    expect(byReason).toEqual({ group: 2, wrong_padding: 1, no_address: 1 });
    expect(lost).toBe(0);
  });

  it('shows one organization nothing of another', async () => {
    await scenario.ingest([await placeholder({ id: 'A', phone: '551' })]);

    expect(await integrity.summarize('org_other', scenario.instanceId, DAY)).toMatchObject({
      received: 0,
      waiting: 0,
    });
    const page = await integrity.listUndecrypted('org_other', scenario.instanceId, { limit: 10 });
    expect(page.items).toEqual([]);
  });

  it('pages through the ledger in the order of arrival, newest first', async () => {
    const ids = ['A', 'B', 'C', 'D', 'E'];
    for (const id of ids) {
      await scenario.ingest([await placeholder({ id, phone: '551' })]);
    }
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await integrity.listUndecrypted(scenario.organizationId, scenario.instanceId, {
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map((one) => one.messageId));
      cursor = page.nextCursor;
    } while (cursor);

    expect(seen).toEqual(ids.toReversed());
    await expect(
      integrity.listUndecrypted(scenario.organizationId, scenario.instanceId, { limit: 2, cursor: 'x' }),
    ).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it('shows members the entries of their organization, and nobody else any', async () => {
    const { rows } = await database.sql(
      `select has_table_privilege('authenticated', 'public.undecrypted_messages', 'select') as member,
         has_table_privilege('authenticated', 'public.undecrypted_messages', 'update') as writer,
         has_table_privilege('anon', 'public.undecrypted_messages', 'select') as anybody,
         (select relrowsecurity from pg_class where oid = 'public.undecrypted_messages'::regclass) as guarded`,
    );

    expect(rows).toEqual([{ member: true, writer: false, anybody: false, guarded: true }]);
  });
});
