import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ErasuresRepository } from '../../src/privacy/erasures.repository.js';
import { FencedError } from '../../src/repositories/fenced-error.js';
import type { IngestItem } from '../../src/repositories/ingest-item.js';
import type { EarlyIngested, NewInboxRow, SessionBatch } from '../../src/repositories/session-batch.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario, type Written } from './scenario.js';

type Decided = [row: NewInboxRow, item?: IngestItem];

const PHONE = '5511988887777';

/** Commits rows together with what was decided about them, as a worker in the process of the session does. */
class EarlyScenario {
  /** What the process knows of the organization's owners. */
  versions = new Map<string, string>();

  private constructor(readonly scenario: Scenario) {}

  static async create(database: TestDatabase): Promise<EarlyScenario> {
    const early = new EarlyScenario(await Scenario.create(database));
    early.versions = early.versionsIn(await early.commit([early.client({ phone: '551100' })]));
    await early.route();
    return early;
  }

  versionsIn({ owners }: EarlyIngested): Map<string, string> {
    return new Map([...owners!].map(([id, { version }]) => [id, version]));
  }

  batch(decided: Decided[]): Partial<SessionBatch> {
    const items = decided.flatMap(([row, item]) => (item ? [[row, item] as const] : []));
    const { policy: bookingPolicy } = this.scenario;
    return {
      inbox: decided.map(([row]) => row),
      ingest: { bookingPolicy, items: new Map(items), ownerVersions: this.versions },
    };
  }

  async commit(decided: Decided[]): Promise<EarlyIngested> {
    const { ingested } = await this.scenario.commit(this.batch(decided));
    if (!ingested) {
      throw new Error('it was not committed by this call');
    }
    return ingested;
  }

  /** What a worker does with whatever is left in the table. */
  async route(): Promise<number> {
    const { inbox, policy: bookingPolicy } = this.scenario;
    const { rows } = await inbox.claim({ worker: 'worker-1', limit: 500, leaseSeconds: 60 });
    const items = rows.map(({ id }) => ({ inboxId: id, action: 'skip' as const, reason: 'left' }));
    return (await inbox.ingest({ worker: 'worker-1', bookingPolicy, items })).processed;
  }

  /** A row of the inbox, and that a client wrote it. */
  client(written: Written, values: Partial<NewInboxRow> = {}): [NewInboxRow, IngestItem] {
    const chat = written.lid ? `${written.lid}@lid` : `${written.phone}@s.whatsapp.net`;
    const named = written.id !== undefined && { messageId: written.id };
    const row = this.scenario.row({ chat, sender: chat, ...named, ...values });
    return [row, { ...this.itemOf(row, written), action: 'client' } as IngestItem];
  }

  /** A placeholder of what could not be read. */
  placeholder(written: Written): [NewInboxRow, IngestItem] {
    const [row, item] = this.client(written, { body: null, encryption: 'none' });
    const { inboxId, messageId, person, sentAt, origin } = this.itemOf(row, written);
    const known = { inboxId, messageId, person, sentAt, origin };
    return [row, item && { ...known, action: 'undecrypted', reason: 'undecryptable' }];
  }

  /** State, outcome and reason of each inbox row after the first one, in order of arrival. */
  async rows(): Promise<string[]> {
    const { rows } = await this.scenario.database.sql(
      `select concat_ws(' ', state, outcome, reason) as text from inbox where organization_id = $1::text order by id`,
      [this.scenario.organizationId],
    );
    return rows.slice(1).map(({ text }) => String(text));
  }

  private itemOf(row: NewInboxRow, written: Written) {
    return {
      inboxId: '',
      reason: 'client',
      person: { phone: written.phone, lid: written.lid },
      pushName: written.name,
      messageId: row.messageId,
      content: written.text ?? 'hi',
      contentType: 'conversation',
      sentAt: written.at ?? new Date('2025-10-02T12:00:00Z'),
      origin: { chatKind: 'direct' as const, fromMe: false },
    };
  }
}

describe.each(TEST_STORES)('committing and ingesting in one call on %s', (store) => {
  let database: TestDatabase;
  let early: EarlyScenario;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    early = await EarlyScenario.create(database);
    scenario = early.scenario;
  });

  it('stores rows as what became of them, with messages, notes, events and counts', async () => {
    const client = early.client({ phone: PHONE, lid: '222', name: 'Ana', text: 'hello' });
    const again = early.client({ phone: PHONE, lid: '222', id: client[0].messageId });
    const note = early.client({ phone: PHONE, text: 'ours' });
    const skipped = early.client({});
    const lost = early.client({ phone: '', lid: '' });

    const result = await early.commit([
      client,
      again,
      [note[0], { ...note[1], action: 'owner_note', reason: 'from_me' } as IngestItem],
      [skipped[0], { inboxId: '', action: 'skip', reason: 'protocol' }],
      lost,
      early.placeholder({ phone: PHONE, id: 'UNREAD' }),
    ]);

    expect(result).toMatchObject({ processed: 6, waiting: [], fault: undefined, owners: undefined });
    expect(await early.rows()).toEqual([
      '1 stored client',
      '1 duplicate duplicate',
      '1 note from_me',
      '1 skipped protocol',
      '2 dead no_address',
      '1 undecrypted undecryptable',
    ]);
    const [contact] = await scenario.allContacts();
    expect(contact).toMatchObject({ phoneNumber: PHONE, lid: '222', name: 'Ana' });
    const { events } = await scenario.events.listEvents(scenario.organizationId, { after: 0, limit: 10 });
    expect(result.events).toEqual(events);
    expect(events).toMatchObject([
      { sequence: 1, payload: { text: 'hello', from: PHONE, contactId: contact!.id } },
      { sequence: 2, name: 'whatsapp:note', payload: { contactId: contact!.id } },
    ]);
    const { items: messages } = await scenario.messages.listMessages(scenario.organizationId, { limit: 10 });
    expect(messages).toMatchObject([{ content: 'hello', contactId: contact!.id, direction: 'inbound' }]);
    const { rows } = await database.sql(
      `select m.inbox_id = i.id as same, i.body is not null as has_body, i.processed_at is not null as processed
         from messages m join inbox i on i.hash = $1::text where m.organization_id = $2::text`,
      [client[0].hash, scenario.organizationId],
    );
    expect(rows).toEqual([{ same: true, has_body: true, processed: true }]);
    expect(await scenario.instances.findInstance('all', scenario.instanceId)).toMatchObject({
      messagesReceivedCount: 1,
    });
    expect(await early.route()).toBe(0);
  });

  it('stores what the table way stores', async () => {
    const other = await EarlyScenario.create(database);
    const written: Written[] = [
      { phone: PHONE, lid: '222', name: 'Ana' },
      { lid: '333', name: 'Bia' },
      { phone: '5511977776666', lid: '333', id: 'SAME' },
      { phone: '5511977776666', id: 'SAME' },
      { phone: PHONE, name: 'Ana Maria' },
      { lid: '222' },
    ];
    expect(await early.commit(written.map((one) => early.client(one)))).toMatchObject({ waiting: [] });
    await other.scenario.ingest(
      (await other.scenario.received(...written)).map((item) => ({ ...item, reason: 'client' })),
    );

    const look = async (one: EarlyScenario) => ({
      rows: await one.rows(),
      contacts: (await one.scenario.allContacts())
        .map(({ phoneNumber, lid, name, lastMessageAt }) => [lid, phoneNumber, name, lastMessageAt].join(' '))
        .toSorted(),
      bookings: await one.scenario.count('bookings'),
      events: (
        await one.scenario.events.listEvents(one.scenario.organizationId, { after: 0, limit: 100 })
      ).events.map(({ sequence, name, payload }) => [sequence, name, 'from' in payload && payload.from]),
    });
    expect(await look(early)).toEqual(await look(other));
  });

  it('ingests nothing of organizations whose owners it does not know, or that have others by now', async () => {
    const known = early.versions;
    early.versions = new Map();
    const first = await early.commit([early.client({ phone: PHONE })]);
    expect(first).toMatchObject({ processed: 0, events: [], waiting: [{ instanceId: scenario.instanceId }] });
    expect(early.versionsIn(first)).toEqual(known);
    expect(first.owners!.get(scenario.organizationId)!.addresses).toEqual([{ phone: '5511900000001' }]);
    await early.route();

    early.versions = known;
    await scenario.instances.updateInstance('all', scenario.instanceId, { phoneNumber: PHONE });
    const second = await early.commit([early.client({ phone: PHONE })]);
    expect(second).toMatchObject({ processed: 0, waiting: [{ instanceId: scenario.instanceId }] });
    expect(early.versionsIn(second)).not.toEqual(known);
    expect(second.owners!.get(scenario.organizationId)!.addresses).toEqual([{ phone: PHONE }]);
    expect(await early.rows()).toEqual(['1 skipped left', '0']);
  });

  it('takes accounts that the batch itself links for those of owners', async () => {
    const credentials = [
      { instanceId: scenario.instanceId, sessionData: Buffer.from('creds'), accountLid: '42' },
    ];
    const batch = early.batch([early.client({ phone: PHONE })]);
    const { ingested } = await scenario.commit({ ...batch, credentials });

    expect(ingested).toMatchObject({ processed: 0, waiting: [{ instanceId: scenario.instanceId }] });
    expect(ingested!.owners!.get(scenario.organizationId)!.addresses).toContainEqual({ lid: '42' });
  });

  it('leaves rows alone that must wait for older ones, or for one that nothing was decided about', async () => {
    const [first, second, third] = ['a', 'b', 'c'].map((text) => early.client({ phone: PHONE, text }));
    const cut = await early.commit([first!, [second![0]], third!]);
    expect(cut).toMatchObject({
      processed: 1,
      waiting: [{ hash: second![0].hash }, { hash: third![0].hash }],
    });

    const behind = await early.commit([early.client({ phone: PHONE })]);
    expect(behind).toMatchObject({ processed: 0, events: [], fault: undefined });
    expect(await early.rows()).toEqual(['1 stored client', '0', '0', '0']);

    expect(await early.route()).toBe(3);
    expect(await early.commit([early.client({ phone: PHONE, text: 'd' })])).toMatchObject({
      processed: 1,
      events: [{ sequence: 2 }],
    });
  });

  it('stores what was delivered before once, and ingests it once', async () => {
    const [row, item] = early.client({ phone: PHONE });
    await early.commit([[row, item]]);

    const fresh = early.client({ phone: PHONE });
    expect(await early.commit([[row, item]])).toMatchObject({ processed: 0, waiting: [], events: [] });
    const mixed = await early.commit([[row, item], fresh, fresh]);

    expect(mixed).toMatchObject({ processed: 0, fault: undefined, waiting: [{ hash: fresh[0].hash }] });
    expect(await early.rows()).toEqual(['1 stored client', '0']);
    expect(await scenario.count('events')).toBe(1);
  });

  it('commits what it can not ingest, and says why', async () => {
    const name = `refused_${randomUUID().slice(0, 8)}`;
    await database.sql(`alter table public.messages add constraint ${name} check (content <> 'poison')`);
    const key = { instanceId: scenario.instanceId, type: 'session', id: 'a', value: Buffer.from('v') };
    try {
      const good = early.client({ phone: PHONE, name: 'Ana' });
      const batch = early.batch([good, early.client({ phone: PHONE, text: 'poison' })]);
      const { outcome, ingested } = await scenario.commit({ ...batch, upserts: [key] });

      expect(outcome).toBe('committed');
      expect(ingested).toMatchObject({ processed: 0, events: [], fault: '23514' });
      expect(ingested!.waiting.map(({ hash }) => hash)).toEqual(batch.inbox!.map(({ hash }) => hash));
    } finally {
      await database.sql(`alter table public.messages drop constraint ${name}`);
    }
    expect(await early.rows()).toEqual(['0', '0']);
    expect(await scenario.count('contacts')).toBe(0);
    expect(await scenario.count('events')).toBe(0);
    expect(await scenario.store.readSessionKeys(scenario.instanceId, 'session', ['a'])).toHaveLength(1);
  });

  it('does a repeated batch once, whichever way it is repeated', async () => {
    const batch = scenario.batch(early.batch([early.client({ phone: PHONE })]));
    expect(await scenario.store.commitBatch(batch)).toMatchObject({ ingested: { processed: 1 } });

    expect(await scenario.store.commitBatch(batch)).toEqual({ outcome: 'already' });
    const plain = { ...batch, ingest: undefined, wantsInbox: true };
    expect(await scenario.store.commitBatch(plain)).toEqual({ outcome: 'already' });
    expect(await early.rows()).toEqual(['1 stored client']);
    expect(await scenario.count('events')).toBe(1);
  });

  it('writes nothing for a session that another process took over', async () => {
    const epochs = [{ instanceId: scenario.instanceId, epoch: scenario.epoch - 1 }];
    const batch = { ...scenario.batch(early.batch([early.client({ phone: PHONE })])), epochs };

    await expect(scenario.store.commitBatch(batch)).rejects.toBeInstanceOf(FencedError);
    expect(await early.rows()).toEqual([]);
    expect(await scenario.count('messages')).toBe(0);
  });

  it('leaves to the table what was erased before', async () => {
    const erasures = new ErasuresRepository(database.client);
    const [row, item] = early.client({ phone: PHONE });
    await early.commit([[row, item]]);
    const { id } = (await scenario.contactOf(PHONE))!;
    while (!(await erasures.eraseStep(scenario.organizationId, id))) {
      // One step of several.
    }

    const again = early.client({ phone: PHONE, id: row.messageId });
    const { fault, waiting } = await early.commit([again]);
    expect([fault, waiting.length]).toEqual([undefined, 1]);
    await scenario.ingest([{ ...again[1], inboxId: waiting[0]!.id }]);
    expect(await early.rows()).toEqual(['1 stored client', '1 skipped erased']);
  });

  it('leaves to a worker what may move conversations', async () => {
    await early.commit([early.client({ phone: PHONE }), early.client({ lid: '222' })]);

    const decided = early.client({ phone: PHONE, lid: '222' });
    const { fault, waiting } = await early.commit([decided]);

    expect([fault, waiting.length]).toEqual([undefined, 1]);
    expect(await scenario.count('contacts')).toBe(2);
    await scenario.ingest([{ ...decided[1], inboxId: waiting[0]!.id }]);
    expect(await scenario.count('contacts')).toBe(1);
  });

  it('settles what was waited for, and the other way round', async () => {
    await early.commit([early.placeholder({ phone: PHONE, id: 'A' })]);
    await early.commit([early.client({ phone: PHONE, id: 'A' })]);
    await early.commit([early.placeholder({ phone: PHONE, id: 'A' })]);
    await early.commit([
      early.client({ phone: PHONE, id: 'B' }),
      early.placeholder({ phone: PHONE, id: 'B' }),
    ]);

    const { rows } = await database.sql(
      `select message_id, state from undecrypted_messages where organization_id = $1::text order by id`,
      [scenario.organizationId],
    );
    expect(rows).toEqual([{ message_id: 'A', state: 'recovered' }]);
    expect(await early.rows()).toEqual([
      '1 undecrypted undecryptable',
      '1 stored client',
      '1 duplicate duplicate',
      '1 stored client',
      '1 duplicate duplicate',
    ]);
  });
});

describe('committing and ingesting in one call, while others hold locks', () => {
  let database: TestDatabase;
  let early: EarlyScenario;
  let scenario: Scenario;
  let other: pg.Client;

  beforeAll(async () => {
    database = await openTestDatabase('postgres');
    other = new pg.Client({ connectionString: database.url });
    await other.connect();
  });
  afterAll(async () => {
    await other.end();
    await database.close();
  });
  beforeEach(async () => {
    early = await EarlyScenario.create(database);
    scenario = early.scenario;
  });

  const inTransaction = async (work: () => Promise<void>) => {
    await other.query('begin');
    try {
      await work();
    } finally {
      await other.query('rollback');
    }
  };
  const lockOrganization = () =>
    other.query('select from organizations where id = $1 for no key update', [scenario.organizationId]);

  it('commits although the organization is locked, and leaves the rest to the worker', async () => {
    await inTransaction(async () => {
      await lockOrganization();
      expect(await early.commit([early.client({ phone: PHONE })])).toMatchObject({
        processed: 0,
        fault: '55P03',
        waiting: [{ instanceId: scenario.instanceId }],
      });
    });
    expect(await early.rows()).toEqual(['0']);
  });

  it('gives way to who has the organization and wants the instance', async () => {
    // Stops the commit where it has locked the instance, and nothing else.
    const third = new pg.Client({ connectionString: database.url });
    await third.connect();
    await other.query(
      `create function pause() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(1); return new; end $$`,
    );
    await other.query('create trigger pause before insert on whatsapp_session_keys execute function pause()');
    const waiting = async () => {
      const text = `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return (await third.query<{ n: number }>(text)).rows[0]!.n;
    };
    try {
      await third.query('select pg_advisory_lock(1)');
      await inTransaction(async () => {
        await lockOrganization();
        const key = { instanceId: scenario.instanceId, type: 'session', id: 'a', value: Buffer.from('v') };
        const batch = early.batch([early.client({ phone: PHONE })]);
        const committed = scenario.commit({ ...batch, upserts: [key] });
        await expect.poll(waiting).toBe(1);
        const text = 'update whatsapp_instances set messages_sent_count = 1 where id = $1';
        const updated = other.query(text, [scenario.instanceId]);
        await expect.poll(waiting).toBe(2);
        await third.query('select pg_advisory_unlock(1)');

        expect(await committed).toMatchObject({ ingested: { processed: 0, fault: '55P03' } });
        expect((await updated).rowCount).toBe(1);
      });
    } finally {
      await third.end();
      await other.query('drop function pause cascade');
    }
    expect(await early.rows()).toEqual(['0']);
  });

  it('loses nothing and tells nothing twice beside workers and an erasure', async () => {
    const erasures = new ErasuresRepository(database.client);
    await early.commit([early.client({ phone: PHONE, lid: '1' })]);
    const { id } = (await scenario.contactOf(PHONE))!;
    const told: number[] = [];
    let isErased = false;
    const erasing = (async () => {
      while (!(await erasures.eraseStep(scenario.organizationId, id, 1))) {
        // One step of several.
      }
      isErased = true;
    })();
    const routing = async (waiting: readonly { id: string }[], decided: [NewInboxRow, IngestItem][]) => {
      const items = decided.map(([, item], index) => ({ ...item, inboxId: waiting[index]!.id }));
      const { events } = await scenario.ingest(items);
      told.push(...events.map(({ sequence }) => sequence));
    };
    let sent = 0;
    for (let round = 0; round < 200 && (!isErased || round < 20); round++) {
      const decided = [1, 2].map((place) => early.client({ phone: `5521${round}${place}` }));
      sent += decided.length;
      const { events, waiting } = await early.commit(decided);
      told.push(...events.map(({ sequence }) => sequence));
      if (waiting.length > 0) {
        await routing(waiting, decided);
      }
    }
    await erasing;

    expect(told).toEqual(Array.from({ length: sent }, (_, index) => index + 2));
    expect(await scenario.count('messages')).toBe(sent);
  });
});
