import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SecretBox } from '../../src/common/secret-box.js';
import { InstanceStatusRepository } from '../../src/repositories/instance-status.repository.js';
import type { AcquiredSession, NewInboxRow, SessionBatch } from '../../src/repositories/session-batch.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const key = (instanceId: string, id: string, value = 'v', type = 'session') => ({
  instanceId,
  type,
  id,
  value: Buffer.from(value),
});

describe.each(TEST_STORES)('sessions on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  it('gives back at take-over what was committed, but pre-keys, and raises the epoch', async () => {
    const { instanceId } = scenario;
    await scenario.commit({
      credentials: [
        { instanceId, sessionData: Buffer.from('creds'), accountPhone: '5511900000001', accountLid: '42' },
      ],
      upserts: [
        key(instanceId, 'a', 'one'),
        key(instanceId, 'b', 'two'),
        key(instanceId, '1', 'pre', 'pre-key'),
      ],
    });
    await scenario.commit({
      upserts: [key(instanceId, 'a', 'newer')],
      deletes: [{ instanceId, type: 'session', id: 'b' }],
    });

    const session = await scenario.takeOverSession(instanceId, 'node-2');

    expect(session).toEqual({
      epoch: scenario.epoch + 1,
      organizationId: scenario.organizationId,
      phoneNumber: '5511900000001',
      accountPhone: '5511900000001',
      accountLid: '42',
      pairingMethod: 'code',
      sessionData: Buffer.from('creds'),
      keys: [{ type: 'session', id: 'a', value: Buffer.from('newer') }],
      keysComplete: true,
      logoutMs: null,
      storesGroups: false,
      isRestricted: false,
      dataKeys: { session: [], inbox: [] },
    });
    expect(await scenario.store.readSessionKeys(instanceId, 'pre-key', ['1', '2'])).toEqual(
      new Map([['1', Buffer.from('pre')]]),
    );
    expect(await scenario.store.acquireSession(randomUUID(), 'node-2', 15)).toBeNull();
  });

  it.each([
    { keys: 700, bytes: 10, come: 500 },
    { keys: 400, bytes: 1_024, come: 256 },
    { keys: 500, bytes: 10, come: 500 },
  ])('brings along what an answer may hold of $keys keys of $bytes bytes: $come', async (case_) => {
    const { instanceId } = scenario;
    const upserts = Array.from({ length: case_.keys }, (_, index) => ({
      ...key(instanceId, `k${index}`),
      value: randomBytes(case_.bytes),
    }));
    await scenario.commit({ upserts });
    const last = { ...key(instanceId, 'k0'), value: randomBytes(case_.bytes) };
    await scenario.commit({ upserts: [last] });

    const acquired = (await scenario.store.acquireSession(instanceId, 'node-1', 15)) as AcquiredSession;

    expect(acquired.keys).toHaveLength(case_.come);
    expect(acquired.keysComplete).toBe(case_.come === case_.keys);
    expect(acquired.keys[0]).toMatchObject({ id: 'k0', value: last.value });
  });

  it('keeps long binary values as they are', async () => {
    const value = randomBytes(4_000);
    await scenario.commit({ upserts: [{ ...key(scenario.instanceId, 'x'), value }] });

    const read = await scenario.store.readSessionKeys(scenario.instanceId, 'session', ['x']);

    expect(read.get('x')?.equals(value)).toBe(true);
  });

  it('stores an encoded batch as any other, whatever is in it', async () => {
    const attrs = { notify: `'; DROP TABLE inbox; -- <script> 🐘` };
    const batch = scenario.batch({ inbox: [{ ...scenario.row(), attrs }] });
    expect(await scenario.store.commitBatch({ ...batch, isEncoded: true })).toEqual({ outcome: 'committed' });
    expect(await scenario.store.commitBatch(batch)).toEqual({ outcome: 'already' });

    const { rows } = await scenario.database.sql('select attrs from public.inbox');
    expect(rows).toEqual([{ attrs }]);
  });

  it('does a repeated batch once and refuses one that skips a number', async () => {
    const batch = scenario.batch({ inbox: [scenario.row()] });
    expect(await scenario.store.commitBatch(batch)).toEqual({ outcome: 'committed' });
    expect(await scenario.store.commitBatch(batch)).toEqual({ outcome: 'already' });
    expect(await scenario.store.commitBatch({ ...batch, seq: 2, inbox: [] })).toEqual({
      outcome: 'committed',
    });
    expect(await scenario.store.commitBatch(batch)).toEqual({ outcome: 'already' });

    await expect(scenario.store.commitBatch({ ...batch, seq: 4 })).rejects.toMatchObject({
      sqlState: 'AZ002',
    });
    await expect(
      scenario.store.commitBatch({ ...batch, writer: randomUUID(), seq: 2 }),
    ).rejects.toMatchObject({
      sqlState: 'AZ002',
    });
    expect(await scenario.count('inbox')).toBe(1);
  });

  it('lets a fenced writer change nothing, and names the instances', async () => {
    const other = await scenario.addInstance();
    await scenario.takeOverSession(other, 'node-1');
    await scenario.takeOverSession(scenario.instanceId, 'node-2');

    const commit = scenario.store.commitBatch(
      scenario.batch({
        epochs: [
          { instanceId: other, epoch: 1 },
          { instanceId: scenario.instanceId, epoch: scenario.epoch },
        ],
        upserts: [key(other, 'a')],
        inbox: [scenario.row()],
      }),
    );

    await expect(commit).rejects.toMatchObject({ code: 'fenced', instanceIds: [scenario.instanceId] });
    expect(await scenario.count('inbox')).toBe(0);
    expect(await scenario.store.readSessionKeys(other, 'session', ['a'])).toEqual(new Map());
    // The number was not used up.
    expect(
      await scenario.store.commitBatch(scenario.batch({ epochs: [{ instanceId: other, epoch: 1 }] })),
    ).toEqual({ outcome: 'committed' });
  });

  it('keeps a delivered ciphertext once, in order of arrival', async () => {
    const first = scenario.row();
    const second = scenario.row({ body: null, encryption: 'none' });
    await scenario.commit({ inbox: [first, second, first] });
    await scenario.commit({ inbox: [second] });

    expect(await scenario.store.findInbox(scenario.instanceId, [first.hash, second.hash, 'unknown'])).toEqual(
      new Map([
        [first.hash, Buffer.from('sealed')],
        [second.hash, null],
      ]),
    );
    const { rows: claimed } = await scenario.inbox.claim({
      worker: 'w',
      limit: 10,
      leaseSeconds: 60,
      instanceId: scenario.instanceId,
    });
    expect(claimed).toEqual([
      expect.objectContaining({
        organizationId: scenario.organizationId,
        instanceId: scenario.instanceId,
        hash: first.hash,
        attrs: first.attrs,
        encryption: 'msg',
        body: Buffer.from('sealed'),
        receivedAt: new Date('2025-10-02T12:00:00Z'),
        attempts: 0,
        account: { phone: '5511900000001', lid: '111' },
      }),
      expect.objectContaining({ hash: second.hash, body: null, encryption: 'none' }),
    ]);
  });

  it('answers with new messages, and with whose messages are the organization itself, where that is wanted', async () => {
    await scenario.commit({
      credentials: [
        {
          instanceId: scenario.instanceId,
          sessionData: Buffer.from('x'),
          accountPhone: '5511900000001',
          accountLid: '7',
        },
      ],
    });
    await scenario.addInstance('552');
    const deleted = await scenario.addInstance('553');
    await scenario.store.wipeSession(deleted, { deleted: true });
    const [known, first, second] = [scenario.row(), scenario.row(), scenario.row({ body: null })];
    await scenario.commit({ inbox: [known] });

    const inbox = [first, known, second, first];
    const { received } = await scenario.store.commitBatch({ ...scenario.batch({ inbox }), wantsInbox: true });

    const owners = [scenario.organizationId, [{ phone: '5511900000001', lid: '7' }, { phone: '552' }]];
    const ids = await scenario.idsOf([first.hash, second.hash]);
    expect(received?.rows.map(({ id, hash, body }) => [id, hash, body])).toEqual([
      [ids[0], first.hash, first.body],
      [ids[1], second.hash, null],
    ]);
    expect([...received!.owners]).toEqual([owners]);
    const claimed = await scenario.inbox.claim({
      worker: 'w',
      limit: 2,
      leaseSeconds: 1,
      instanceId: scenario.instanceId,
    });
    expect(claimed.rows.slice(1)).toEqual(received?.rows.slice(0, 1));
    expect([...claimed.owners]).toEqual([owners]);
  });

  it('does with one message alone what it does with many', async () => {
    const other = await Scenario.create(database);
    const epochs = [scenario, other].map(({ instanceId, epoch }) => ({ instanceId, epoch }));
    const writer = randomUUID();
    let seq = 0;
    const wantsInbox = true;
    const [alone, among] = [scenario.row(), scenario.row()];
    const values = async ({ hash }: NewInboxRow) => {
      const { rows } = await database.sql(
        `select to_jsonb(i) - 'id' - 'hash' - 'message_id' - 'attrs' as value from inbox i where i.hash = $1::text`,
        [hash],
      );
      return rows;
    };
    const commit = async (inbox: NewInboxRow[], batch: Partial<SessionBatch> = {}) => {
      seq += 1;
      const one = { ...scenario.batch({ inbox, ...batch }), writer, seq, wantsInbox };
      const answer = await scenario.store.commitBatch(one);
      return answer.received?.rows.map(({ hash, organizationId }) => [hash, organizationId]);
    };

    expect(await commit([alone])).toEqual([[alone.hash, scenario.organizationId]]);
    expect(await commit([among], { epochs })).toEqual([[among.hash, scenario.organizationId]]);
    expect(await values(alone)).toEqual(await values(among));
    // What is there is no news, and the rest of the batch is stored.
    const upserts = [key(scenario.instanceId, 'with a known one')];
    expect(await commit([alone], { upserts })).toBeUndefined();
    expect(
      await scenario.store.readSessionKeys(scenario.instanceId, 'session', ['with a known one']),
    ).toHaveProperty('size', 1);
    // A row is its own instance's, whoever else is in the batch.
    const foreign = other.row();
    expect(await commit([foreign])).toEqual([[foreign.hash, other.organizationId]]);
    await scenario.takeOverSession(scenario.instanceId, 'node-2');
    const late = scenario.row();
    await expect(commit([late])).rejects.toMatchObject({ instanceIds: [scenario.instanceId] });
    expect(await values(late)).toEqual([]);
  });

  it('hands the rows of several organizations over in the order in which they came', async () => {
    const others = [await Scenario.create(database), await Scenario.create(database)];
    const all = [scenario, ...others];
    const epochs = all.map(({ instanceId, epoch }) => ({ instanceId, epoch }));
    const inbox = Array.from({ length: 60 }, (_, index) => all[index % 3]!.row());
    const { received } = await scenario.store.commitBatch({
      ...scenario.batch({ epochs, inbox }),
      wantsInbox: true,
    });

    expect(received?.rows.map(({ hash }) => hash)).toEqual(inbox.map(({ hash }) => hash));
  });

  it('wipes a session so that late writers are fenced', async () => {
    await scenario.commit({
      credentials: [{ instanceId: scenario.instanceId, sessionData: Buffer.from('c') }],
      upserts: [key(scenario.instanceId, 'a')],
    });
    await expect(
      scenario.store.wipeSession(scenario.instanceId, { epoch: scenario.epoch + 7, deleted: false }),
    ).rejects.toMatchObject({ code: 'fenced' });
    await scenario.store.wipeSession(scenario.instanceId, { epoch: scenario.epoch, deleted: true });

    await expect(scenario.commit()).rejects.toMatchObject({ code: 'fenced' });
    expect(await scenario.store.acquireSession(scenario.instanceId, 'node-1', 15)).toBeNull();
    expect(await scenario.instances.findInstance('all', scenario.instanceId)).toBeNull();
    const restored = await scenario.instances.restoreInstance(scenario.instanceId);
    expect(restored).toMatchObject({ hasSession: false, status: 'disconnected', deletedAt: null });
    const again = await scenario.takeOverSession(scenario.instanceId, 'node-1');
    expect(again).toMatchObject({ sessionData: null, keys: [], accountPhone: null });
  });

  it('changes the status with its event, or not at all', async () => {
    const status = new InstanceStatusRepository(database.client);
    const { instanceId, organizationId, epoch } = scenario;
    const payload = { instanceId, organizationId, phoneNumber: '551', timestamp: '2025-10-02T12:00:00.000Z' };

    const event = await status.setStatus({
      instanceId,
      epoch,
      status: 'connected',
      desiredState: 'running',
      accountPhone: '551',
      isConnectedNow: true,
      reason: null,
      event: { name: 'whatsapp:connected', payload },
    });

    expect(event).toEqual({ organizationId, sequence: 1, name: 'whatsapp:connected', payload });
    const connected = await scenario.instances.findInstance('all', instanceId);
    expect(connected).toMatchObject({ status: 'connected', desiredState: 'running', accountPhone: '551' });
    expect(connected?.lastConnectedAt).toMatch(/Z$/);
    const fenced = status.setStatus({
      instanceId,
      epoch: epoch + 1,
      status: 'disconnected',
      event: { name: 'whatsapp:disconnected', payload: { instanceId, timestamp: payload.timestamp } },
    });
    await expect(fenced).rejects.toMatchObject({ code: 'fenced', instanceIds: [instanceId] });
    expect(await scenario.events.listEvents(organizationId, { after: 0, limit: 10 })).toEqual({
      events: [event],
      isMore: false,
    });
    expect(await status.setStatus({ instanceId, reason: 'network' })).toBeNull();
    await expect(status.setStatus({ instanceId: randomUUID(), status: 'connected' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('lists what is to be resumed', async () => {
    const status = new InstanceStatusRepository(database.client);
    await scenario.commit({
      credentials: [{ instanceId: scenario.instanceId, sessionData: Buffer.from('c') }],
    });
    await status.setStatus({ instanceId: scenario.instanceId, desiredState: 'running' });
    const never = await scenario.addInstance();
    await status.setStatus({ instanceId: never, desiredState: 'running' });

    const ids = (await scenario.instances.listResumable(1_000)).map((instance) => instance.id);

    expect(ids).toContain(scenario.instanceId);
    expect(ids).not.toContain(never);
  });

  it('shows nothing readable of sealed values in any table', async () => {
    const box = new SecretBox([randomBytes(32)]);
    const secret = 'a-private-key-that-nobody-may-read';
    const sealed = box.seal(Buffer.from(secret), ['test']);
    await scenario.commit({
      credentials: [{ instanceId: scenario.instanceId, sessionData: sealed }],
      upserts: [{ instanceId: scenario.instanceId, type: 'session', id: 'a', value: sealed }],
      inbox: [scenario.row({ body: sealed })],
    });
    const { rows: tables } = await database.sql(
      `select table_schema || '.' || table_name as name from information_schema.tables
         where table_schema in ('public', 'supabase_migrations')`,
    );

    const needles = [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64').slice(0, 40),
    ];
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const { rows } = await database.sql(`select t::text as line from ${String(name)} t`);
      const dump = rows.map((row) => String(row['line'])).join('\n');
      expect(needles.filter((needle) => dump.includes(needle))).toEqual([]);
    }
  });
});
