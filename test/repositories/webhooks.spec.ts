import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebhookDeliveriesRepository } from '../../src/webhooks/webhook-deliveries.repository.js';
import { openTestDatabase, SQL_STORES, type TestDatabase } from '../support/databases.js';

const INSTANCE = '11111111-1111-4111-8111-111111111111';
const LIMITS = { limit: 100, failingLimit: 100, perOrganization: 16, perWebhook: 8, leaseMs: 60_000 };
const WINDOW_MS = 60_000;

describe.each(SQL_STORES)('webhooks on %s', (store) => {
  let database: TestDatabase;
  let deliveries: WebhookDeliveriesRepository;
  beforeAll(async () => {
    database = await openTestDatabase(store);
    deliveries = new WebhookDeliveriesRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.sql('delete from webhook_endpoints where true');
  });

  const valueOf = async (sql: string, params: string[] = []) =>
    Object.values((await database.sql(sql, params)).rows[0]!)[0];

  async function organization(): Promise<string> {
    const id = `org_${randomUUID()}`;
    await database.sql('insert into organizations (id, name) values ($1::text, $1::text)', [id]);
    return id;
  }

  async function webhook(organizationId: string, names: string[] = []): Promise<string> {
    return String(
      await valueOf(
        `insert into webhook_endpoints (organization_id, url, secret, event_names)
          values ($1::text, 'https://example.com/', '\\x00', $2::text::text[]) returning id`,
        [organizationId, `{${names.map((name) => `"${name}"`).join(',')}}`],
      ),
    );
  }

  async function append(organizationId: string, chats: readonly string[]): Promise<void> {
    const events = chats.map((contactId) => ({
      organization_id: organizationId,
      name: 'whatsapp:message',
      payload: { contactId },
    }));
    await database.sql('select append_events($1::text::jsonb)', [JSON.stringify(events)]);
  }

  const takeUp = (page = 100, maxWaiting = 1_000) => deliveries.takeUp(null, { page, maxWaiting });
  const claim = (changes: Partial<typeof LIMITS> = {}, worker = 'w') =>
    deliveries.claim({ worker, ...LIMITS, ...changes });
  const sequences = (claimed: { sequence: number }[]) => claimed.map(({ sequence }) => sequence);

  it.each([
    [{ contactId: 'k', from: '1' }, INSTANCE, 'contact k'],
    [{ groupId: 'g', from: '1' }, INSTANCE, 'group g'],
    [{ from: '1' }, INSTANCE, `instance ${INSTANCE} 1`],
    [{ to: '2' }, INSTANCE, `instance ${INSTANCE} 2`],
    [{}, INSTANCE, `instance ${INSTANCE}`],
    [{ from: '1' }, null, ''],
  ])('deliver %j of the instance %s in order with “%s”', async (payload, instance, key) => {
    expect(
      await valueOf('select webhook_chat_key($1::text::uuid, $2::text::jsonb)', [
        instance as string,
        JSON.stringify(payload),
      ]),
    ).toBe(key);
  });

  it.each([
    [{}, {}, true],
    [{ event_names: ['whatsapp:message'] }, {}, true],
    [{ event_names: ['whatsapp:note'] }, {}, false],
    [{ instance_id: INSTANCE }, { instance_id: INSTANCE }, true],
    [{ instance_id: INSTANCE }, { instance_id: randomUUID() }, false],
    [{ instance_id: INSTANCE }, {}, false],
    [{}, { payload: { erased: true } }, false],
  ])('that say %j want %j: %s', async (hook, event, isWanted) => {
    expect(
      await valueOf(
        `select webhook_wants(jsonb_populate_record(null::webhook_endpoints, $1::text::jsonb),
          jsonb_populate_record(null::events, $2::text::jsonb))`,
        [
          JSON.stringify({ event_names: [], ...hook }),
          JSON.stringify({ name: 'whatsapp:message', payload: {}, ...event }),
        ],
      ),
    ).toBe(isWanted);
  });

  it('are moved on in pages, of each chat one at a time is due', async () => {
    const id = await organization();
    await webhook(id);
    await append(id, ['a', 'a', 'b', 'a', 'c']);

    expect(await takeUp(3)).toBe(true);
    expect(await takeUp(3)).toBe(false);
    const first = await claim();
    expect(sequences(first)).toEqual([1, 3, 5]);
    expect(sequences(await claim())).toEqual([]);
    await deliveries.settle('w', first[0]!.id, { kind: 'delivered' }, WINDOW_MS);
    expect(sequences(await claim())).toEqual([2]);
  });

  it('wait with further events while too many deliveries wait', async () => {
    const id = await organization();
    await webhook(id);
    await append(id, ['a', 'b', 'c', 'd']);
    await takeUp(2, 2);
    await takeUp(2, 2);
    const [one] = await claim();
    expect(await valueOf('select count(*)::int from webhook_deliveries')).toBe(2);
    await deliveries.settle('w', one!.id, { kind: 'delivered' }, WINDOW_MS);
    await takeUp(2, 2);
    expect(await valueOf('select count(*)::int from webhook_deliveries')).toBe(4);
  });

  it('share places between organizations, and between webhooks of one', async () => {
    const [loud, quiet] = [await organization(), await organization()];
    const [one, other] = [await webhook(loud), await webhook(loud)];
    const third = await webhook(quiet);
    const chats = Array.from({ length: 30 }, (_, index) => String(index));
    await append(loud, chats);
    await append(quiet, chats.slice(0, 2));
    await takeUp();

    const claimed = await claim({ limit: 6, perOrganization: 5, perWebhook: 3 });
    const counts = Object.fromEntries(
      [one, other, third].map((id) => [id, claimed.filter(({ webhookId }) => webhookId === id).length]),
    );
    expect(counts).toEqual({ [one]: 2, [other]: 2, [third]: 2 });
    // Whoever claims next counts what is worked on.
    expect(await claim({ perOrganization: 5, perWebhook: 3 }, 'x')).toHaveLength(1);
  });

  it('that fail have one place each, and no more together than is said', async () => {
    const ids = await Promise.all([organization(), organization(), organization()]);
    for (const id of ids) {
      await webhook(id);
      await append(id, ['a', 'b', 'c']);
    }
    await database.sql(
      'update webhook_endpoints set failing_since = now() where organization_id <> $1::text',
      [ids[0]!],
    );
    await takeUp();

    const claimed = await claim({ failingLimit: 1 });
    expect(claimed.filter(({ isFailing }) => !isFailing)).toHaveLength(3);
    expect(claimed.filter(({ isFailing }) => isFailing)).toHaveLength(1);
  });

  it('are another worker’s when a lease ends, and what the first one says then counts no more', async () => {
    const id = await organization();
    await webhook(id);
    await append(id, ['a']);
    await takeUp();
    const [mine] = await claim({ leaseMs: 0 });
    const [theirs] = await claim({}, 'other');
    expect(theirs).toMatchObject({ id: mine!.id, sequence: 1 });

    await deliveries.settle('w', mine!.id, { kind: 'drop' }, WINDOW_MS);
    expect(await valueOf('select status from webhook_deliveries')).toBe('pending');
    await deliveries.settle('other', mine!.id, { kind: 'delivered' }, WINDOW_MS);
    expect(await valueOf('select status from webhook_deliveries')).toBe('delivered');
  });

  it('remember the last ten tries', async () => {
    const id = await organization();
    await webhook(id);
    await append(id, ['a']);
    await takeUp();
    for (let index = 0; index < 12; index++) {
      const [claimed] = await claim();
      expect(claimed!.attempts).toBe(index);
      const at = new Date(Date.UTC(2026, 0, 1, index));
      await deliveries.settle('w', claimed!.id, { kind: 'retry', status: 500, at, durationMs: 1 }, WINDOW_MS);
    }
    const { items } = await deliveries.list(String(await valueOf('select id from webhook_endpoints')), {
      limit: 5,
    });
    expect(items[0]!.tries.map(({ at }) => new Date(at).getUTCHours())).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    expect(await valueOf('select failing_since is not null from webhook_endpoints')).toBe(true);
  });
});
