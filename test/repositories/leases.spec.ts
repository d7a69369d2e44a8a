import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Heartbeat,
  LeasesRepository,
  type PollQuestion,
} from '../../src/repositories/leases.repository.js';
import {
  type NodeRequestKind,
  NodeRequestsRepository,
} from '../../src/repositories/node-requests.repository.js';
import { DISCONNECT_REASONS } from '../../src/common/disconnect-reasons.js';
import { ApiKeysRepository } from '../../src/repositories/api-keys.repository.js';
import { PairingQrsRepository } from '../../src/repositories/pairing-qrs.repository.js';
import { InstanceStatusRepository } from '../../src/repositories/instance-status.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { TicksRepository } from '../../src/repositories/ticks.repository.js';
import { Scenario } from './scenario.js';

const LEASE_SECONDS = 15;

describe.each(TEST_STORES)('leases on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let leases: LeasesRepository;
  let ticks: TicksRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    leases = new LeasesRepository(database.client);
    ticks = new TicksRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.sql('delete from nodes');
    await database.sql('delete from node_requests');
    await database.sql(`update whatsapp_instances set desired_state = 'stopped', status = 'disconnected'`);
    scenario = await Scenario.create(database);
  });

  const beatAs = async (beating: Partial<Heartbeat>) => {
    const heartbeat: Heartbeat = {
      nodeId: 'node-1',
      kind: 'api',
      incarnation: randomUUID(),
      isLeaving: false,
      leaseSeconds: LEASE_SECONDS,
      sessions: [],
      ...beating,
    };
    return (await ticks.tick({ heartbeat })).heartbeat;
  };
  const beat = (nodeId: string, sessions: { instanceId: string; epoch: number }[] = [], isLeaving = false) =>
    beatAs({ nodeId, sessions, isLeaving });

  const poll = async (question: Partial<PollQuestion> = {}) => {
    const work: PollQuestion = {
      nodeId: 'node-1',
      incarnation: randomUUID(),
      running: 0,
      limit: 50,
      requestLimit: 50,
      instanceLimit: 50,
      serving: [],
      again: false,
      ...question,
    };
    return (await ticks.tick({ work })).work;
  };

  const expire = (instanceId = scenario.instanceId) =>
    database.sql('update whatsapp_instances set lease_expires_at = now() where id = $1::text::uuid', [
      instanceId,
    ]);

  /** A linked instance that should be on line. */
  async function wanted(status = 'connected'): Promise<string> {
    const id = await scenario.addInstance();
    await database.sql(
      `update whatsapp_instances set desired_state = 'running', session_data = '\\x00', status = $2::text
         where id = $1::text::uuid`,
      [id, status],
    );
    return id;
  }

  const take = (nodeId: string, instanceId = scenario.instanceId) =>
    scenario.store.acquireSession(instanceId, nodeId, LEASE_SECONDS);

  it('refuses a session that another node holds, until its lease is over', async () => {
    expect(await take('node-2')).toEqual({ heldBy: 'node-1' });
    expect(await leases.holderOf(scenario.instanceId)).toBe('node-1');

    await expire();

    expect(await leases.holderOf(scenario.instanceId)).toBeNull();
    expect(await take('node-2')).toMatchObject({ epoch: scenario.epoch + 1 });
  });

  it('gives it to one of two that ask at the same time', async () => {
    const id = await scenario.addInstance();

    const taken = await Promise.all([take('node-1', id), take('node-2', id), take('node-3', id)]);

    expect(taken.filter((one) => one !== null && 'epoch' in one)).toHaveLength(1);
  });

  it('bounds how many of an organization are run that are not linked, on all nodes together', async () => {
    const [first, second, third, linked] = [
      await scenario.addInstance(),
      await scenario.addInstance(),
      await scenario.addInstance(),
      await wanted(),
    ];
    await scenario.store.releaseSession(scenario.instanceId, scenario.epoch);
    const pair = (nodeId: string, id: string) =>
      scenario.store.acquireSession(id, nodeId, LEASE_SECONDS, undefined, 2);
    const taken = expect.objectContaining({ epoch: expect.any(Number) });
    const refused = { code: 'too_many_pairings' };

    expect(await take('node-1', linked)).toEqual(taken);
    const asked = await Promise.allSettled([
      pair('node-1', first),
      pair('node-2', second),
      pair('node-3', third),
    ]);
    const [inTime, late] = [first, second, third].reduce<[string[], string[]]>(
      (sorted, id, index) => (sorted[asked[index]!.status === 'fulfilled' ? 0 : 1].push(id), sorted),
      [[], []],
    );
    expect([inTime.length, late.length]).toEqual([2, 1]);

    await expect(pair('node-2', late[0]!)).rejects.toMatchObject(refused);
    const nodeOfFirst = inTime[0] === first ? 'node-1' : 'node-2';
    expect(await pair(nodeOfFirst, inTime[0]!)).toEqual(taken);
    await expire(inTime[1]);
    expect(await pair('node-3', late[0]!)).toEqual(taken);
    await expire(linked);
    expect(await pair('node-2', linked)).toEqual(taken);
  });

  it('gives it to its own node again, which fences what that did before', async () => {
    expect(await take('node-1')).toMatchObject({ epoch: scenario.epoch + 1 });
    await expect(scenario.commit({ inbox: [scenario.row()] })).rejects.toMatchObject({ code: 'fenced' });
  });

  it('prolongs what is named by its epoch, and tells what is lost', async () => {
    const other = await scenario.addInstance();
    await take('node-2', other);
    await expire();

    const { lost } = await beat('node-1', [
      { instanceId: scenario.instanceId, epoch: scenario.epoch },
      { instanceId: other, epoch: 1 },
    ]);

    expect(lost).toEqual([other]);
    expect(await leases.holderOf(scenario.instanceId)).toBe('node-1');
    expect(
      await beat('node-1', [{ instanceId: scenario.instanceId, epoch: scenario.epoch - 1 }]),
    ).toMatchObject({ lost: [scenario.instanceId] });
  });

  it('does not take a released session back by a late heartbeat, nor touch the instance', async () => {
    const read = () => scenario.instances.findInstance('all', scenario.instanceId);
    const before = await read();
    await scenario.store.releaseSession(scenario.instanceId, scenario.epoch);

    const { lost } = await beat('node-1', [{ instanceId: scenario.instanceId, epoch: scenario.epoch }]);

    expect(lost).toEqual([scenario.instanceId]);
    expect(await leases.holderOf(scenario.instanceId)).toBeNull();
    expect(await read()).toEqual(before);
  });

  it('tells a node of a living one under the same name, not of its buried predecessor', async () => {
    expect(await beat('node-9')).toMatchObject({ rival: false });
    expect(await beat('node-9')).toMatchObject({ rival: true });
    await leases.bury(['node-9']);
    expect(await beat('node-9')).toMatchObject({ rival: false });
  });

  it('tells when the next lease of another node ends, and that one is leaving', async () => {
    const [mine, theirs] = [await wanted(), await wanted()];
    await take('node-1', mine);
    expect(await poll()).toMatchObject({ nextLeaseMs: null, hasLeaver: false });

    await take('node-2', theirs);
    await beat('node-2', [], true);

    const { nextLeaseMs, hasLeaver } = await poll();
    expect(nextLeaseMs).toBeGreaterThan((LEASE_SECONDS - 5) * 1_000);
    expect(nextLeaseMs).toBeLessThanOrEqual(LEASE_SECONDS * 1_000);
    expect(hasLeaver).toBe(true);
    expect((await poll({ nodeId: 'node-2' })).hasLeaver).toBe(false);
  });

  it('ends what is left of an earlier run with the first heartbeat, and answers all that is asked in one call', async () => {
    const id = await wanted();
    await take('node-1', id);
    const [{ organizationId }, incarnation] = [scenario, randomUUID()];

    const answers = await ticks.tick({
      heartbeat: {
        nodeId: 'node-1',
        kind: 'api',
        incarnation,
        isLeaving: false,
        leaseSeconds: LEASE_SECONDS,
        sessions: [],
        bury: ['node-1'],
      },
      work: {
        nodeId: 'node-1',
        incarnation,
        running: 0,
        limit: 50,
        requestLimit: 50,
        instanceLimit: 50,
        serving: [],
        again: true,
      },
      heads: [organizationId, 'nobody'],
      callers: { keyIds: [randomUUID()], userIds: [randomUUID()] },
      inbox: true,
      undecrypted: { afterMs: 600_000 },
      drained: true,
      closings: true,
    });

    expect(answers).toMatchObject({
      heartbeat: { lost: [], rival: false },
      work: { free: [{ id, organizationId }] },
      callers: { keys: [], memberships: [] },
      inbox: { isWaiting: false },
      undecrypted: 0,
      drained: 0,
      closings: [],
    });
    expect([...answers.heads.keys()]).toEqual([organizationId]);
    await scenario.commit({ inbox: [scenario.row()] });
    expect((await ticks.tick({ inbox: true })).inbox).toEqual({ isWaiting: true });
  });

  it('keeps a node alive whatever becomes of the other parts of its tick', async () => {
    const heartbeat = {
      nodeId: 'node-1',
      kind: 'api' as const,
      incarnation: randomUUID(),
      isLeaving: false,
      leaseSeconds: LEASE_SECONDS,
      sessions: [],
    };
    const callers = { keyIds: ['no id'], userIds: [] };
    // Without a key no id is compared with what was asked for.
    const key = {
      name: 'x',
      prefix: 'auz_12345678',
      hash: randomBytes(32),
      scopes: ['read' as const],
      expiresAt: null,
    };
    await new ApiKeysRepository(database.client).insertKey({
      ...key,
      organizationId: scenario.organizationId,
    });

    const { failed, ...answers } = await ticks.tick({ heartbeat, callers, inbox: true, closings: true });

    expect(answers).toMatchObject({ heartbeat: { lost: [] }, inbox: {}, closings: [] });
    expect([...failed.keys()]).toEqual(['callers']);
    expect(failed.get('callers')).toMatchObject({ code: 'database_rejected', sqlState: '22P02' });
    expect((await database.sql('select id from nodes')).rows).toEqual([{ id: 'node-1' }]);
  });

  it('keeps no commit waiting while another part of its tick does', async () => {
    if (store === 'pglite') {
      return; // one call at a time
    }
    const { PgExecutor } = await import('../../src/supabase/pg-executor.js');
    const other = new PgExecutor({ connectionString: database.url!, poolSize: 1 });
    const heartbeat: Heartbeat = {
      nodeId: 'node-1',
      kind: 'api',
      incarnation: randomUUID(),
      isLeaving: false,
      leaseSeconds: LEASE_SECONDS,
      sessions: [{ instanceId: scenario.instanceId, epoch: 1 }],
    };
    try {
      await other.query('begin');
      await other.query('lock table api_keys in access exclusive mode');
      const ticked = ticks.tick({ heartbeat, callers: { keyIds: [randomUUID()], userIds: [] } });
      const waits = `select from pg_locks where not granted and relation = 'api_keys'::regclass`;
      await vi.waitFor(async () => expect((await other.query(waits)).rows).toHaveLength(1), 10_000);

      await scenario.commit({ inbox: [scenario.row()] });

      await other.query('rollback');
      expect([...(await ticked).failed]).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('names the others, and ends the leases of those that are gone', async () => {
    await beat('node-2');
    const { others } = await beat('node-3');
    expect(others.toSorted()).toEqual(['node-1', 'node-2']);

    await leases.bury(['node-1', 'node-2']);

    expect((await beat('node-3')).others).toEqual([]);
    expect(await take('node-3')).toMatchObject({ epoch: scenario.epoch + 1 });
  });

  it('gives each node its share of what nobody runs', async () => {
    await Promise.all([wanted(), wanted(), wanted(), wanted(), wanted()]);
    await beat('node-1');
    expect((await poll()).free).toHaveLength(5);

    await beat('node-2');
    expect(await poll()).toMatchObject({ nodes: 2, share: 3 });
    expect((await poll()).free).toHaveLength(3);
    expect((await poll({ running: 2 })).free).toHaveLength(1);
    expect((await poll({ running: 4 })).free).toEqual([]);
    expect((await poll({ limit: 2 })).free).toHaveLength(2);

    await beat('node-2', [], true);
    expect(await poll()).toMatchObject({ nodes: 1, share: 5 });
  });

  it('leaves alone what is run, what ended for a person to look at, and what was never linked', async () => {
    const running = await wanted();
    await take('node-2', running);
    const banned = await wanted('disconnected');
    await scenario.store.releaseSession(scenario.instanceId, scenario.epoch);

    expect((await poll()).free).toEqual([]);
    expect((await poll({ again: true })).free.map(({ id }) => id)).toEqual([banned]);
    await expire(running);
    expect((await poll()).free.map(({ id }) => id)).toEqual([running]);
  });

  it('comes back by itself after these reasons only', async () => {
    const id = await wanted('disconnected');
    const found: Record<string, string[]> = {};
    for (const reason of Object.keys(DISCONNECT_REASONS)) {
      const { rows } = await database.sql(
        `update whatsapp_instances set last_disconnect_reason = $2::text where id = $1::text::uuid returning resumes`,
        [id, reason],
      );
      (found[String(rows[0]?.['resumes'])] ??= []).push(reason);
    }

    expect(Object.keys(found).sort()).toEqual(['by_itself', 'when_asked']);
    expect(found['by_itself']).toEqual(['service_stopped', 'storage_refused', 'handed_over']);
  });

  it('takes what was handed over, and what its owner died with, whatever its status', async () => {
    const statuses = new InstanceStatusRepository(database.client);
    const [handed, died] = [await wanted(), await wanted()];
    await statuses.setStatus({ instanceId: handed, status: 'disconnected', reason: 'service_stopped' });
    await statuses.setStatus({ instanceId: died, status: 'disconnected', reason: 'temporarily_banned' });
    await take('node-2', died);
    await expire(died);

    expect((await poll()).free.map(({ id }) => id).toSorted()).toEqual([handed, died].toSorted());
  });

  it('takes what the database once refused to give out', async () => {
    const statuses = new InstanceStatusRepository(database.client);
    const refused = await wanted();
    await statuses.setStatus({ instanceId: refused, status: 'disconnected', reason: 'storage_refused' });

    expect((await poll()).free.map(({ id }) => id)).toContain(refused);
  });

  it('tells the truth of a pairing whose node is gone, and leaves a living one alone', async () => {
    const statuses = new InstanceStatusRepository(database.client);
    await statuses.setStatus({ instanceId: scenario.instanceId, status: 'qr_pending' });
    const read = () => scenario.instances.findInstance('all', scenario.instanceId);

    await poll();
    expect(await read()).toMatchObject({ status: 'qr_pending' });
    // It may only be cut off.
    await expire();
    await poll();
    expect(await read()).toMatchObject({ status: 'qr_pending' });
    await beat('node-1', [{ instanceId: scenario.instanceId, epoch: scenario.epoch }]);
    await leases.bury(['node-1']);
    await poll();

    expect(await read()).toMatchObject({
      status: 'disconnected',
      lastDisconnectReason: 'service_restarted',
    });
  });

  it('stores no message for a sender who lost the session', async () => {
    const message = {
      instanceId: scenario.instanceId,
      organizationId: scenario.organizationId,
      whatsappMessageId: '3EB0',
      phone: '5511988887777',
      chatJid: '5511988887777@s.whatsapp.net',
      content: 'hello',
      contentType: 'text',
      epoch: scenario.epoch,
    };
    await scenario.takeOverSession(scenario.instanceId, 'node-2');

    await expect(scenario.messages.beginOutbound(message)).rejects.toMatchObject({ code: 'fenced' });
    expect(await scenario.count('messages')).toBe(0);
    const { messageId } = await scenario.messages.beginOutbound({ ...message, epoch: scenario.epoch + 1 });
    await expect(
      scenario.messages.repeatOutbound(messageId, scenario.epoch, { maxAgeMs: 60_000, maxRepeats: 3 }),
    ).rejects.toMatchObject({ code: 'fenced' });
  });

  describe('a request', () => {
    let requests: NodeRequestsRepository;
    const payload = Buffer.from('sealed');
    const incarnation = randomUUID();
    let id: string;

    beforeEach(async () => {
      requests = new NodeRequestsRepository(database.client);
      id = randomUUID();
      await beatAs({ incarnation });
    });

    const ask = (nodeId = 'node-2', kind: NodeRequestKind = 'send') =>
      requests.ask({ id, instanceId: scenario.instanceId, nodeId, kind, payload, seconds: 30 });
    const state = async () => (await requests.readStates([randomUUID(), id])).get(id);
    const given = async (question: Partial<PollQuestion>) =>
      (await poll(question)).requests.map((request) => request.id);

    it('is given to one node at a time, to the node that runs the instance, and answered', async () => {
      expect(await ask()).toBe(true);
      expect((await poll({ nodeId: 'node-3' })).requests).toEqual([]);
      const taken = await poll({ incarnation });
      expect(taken.requests).toEqual([{ id, instanceId: scenario.instanceId, kind: 'send', payload }]);
      expect((await poll({ incarnation, serving: [id] })).requests).toEqual([]);
      expect(await state()).toEqual({ isAnswered: false, isOrphaned: false });

      await requests.answer(id, Buffer.from('done'));

      expect(await state()).toEqual({ isAnswered: true, isOrphaned: false });
      expect((await poll({ incarnation })).requests).toEqual([]);
      expect(await requests.withdraw(id)).toEqual(Buffer.from('done'));
      expect(await state()).toBeUndefined();
    });

    it('waits while the node is at enough for one instance, and keeps no other from its turn', async () => {
      const other = await scenario.addInstance();
      await take('node-1', other);
      const request = { nodeId: 'node-2', kind: 'send' as const, payload, seconds: 30 };
      // Asked within one tick of the database's clock they come in the order of their ids.
      const ids = Array.from({ length: 3 }, () => randomUUID()).toSorted();
      for (const one of ids) {
        await requests.ask({ ...request, id: one, instanceId: scenario.instanceId });
      }
      await requests.ask({ ...request, id, instanceId: other });
      const question = { incarnation, instanceLimit: 2 };

      const serving = [ids[0]!, ids[1]!, id];
      expect((await given(question)).toSorted()).toEqual(serving.toSorted());
      expect(await given({ ...question, serving })).toEqual([]);
      await requests.answer(ids[0]!, Buffer.from('done'));
      expect(await given({ ...question, serving: serving.slice(1) })).toEqual([ids[2]]);
    });

    it('is given again to a node that never heard of it, or gave it up', async () => {
      await ask();

      expect(await given({ incarnation })).toEqual([id]);
      expect(await given({ incarnation })).toEqual([id]);
    });

    it('goes to the next owner when whoever had it gave it up, or is gone', async () => {
      await ask();
      await poll({ incarnation });
      await scenario.takeOverSession(scenario.instanceId, 'node-2');
      const second = { nodeId: 'node-2', incarnation: randomUUID() };
      expect(await given(second)).toEqual([]);

      expect(await given({ incarnation })).toEqual([]);
      expect(await given(second)).toEqual([id]);

      // Nothing was heard of that one.
      await scenario.takeOverSession(scenario.instanceId, 'node-3');
      expect(await given({ nodeId: 'node-3' })).toEqual([id]);
    });

    it('is done by anybody when it is a logout and nobody runs the instance', async () => {
      await ask('node-2', 'logout');
      await expire();

      expect(await given({ nodeId: 'node-3' })).toEqual([id]);
    });

    it('is not left where nobody else runs the instance', async () => {
      expect(await ask('node-1')).toBe(false);
      await expire();
      expect(await ask()).toBe(false);
    });

    it('is orphaned when nobody is there to take it, or whoever took it is gone', async () => {
      await ask();
      await expire();
      expect(await state()).toMatchObject({ isOrphaned: true });
      await beat('node-1', [{ instanceId: scenario.instanceId, epoch: scenario.epoch }]);
      expect(await state()).toMatchObject({ isOrphaned: false });
      await poll({ incarnation });

      // `beat` made another process of it.
      expect(await state()).toMatchObject({ isOrphaned: true });
    });

    it.each([
      ['was withdrawn', () => requests.withdraw(id)],
      [
        'is too old',
        () => database.sql('update node_requests set expires_at = now() where id = $1::text::uuid', [id]),
      ],
    ])('stores no message once it %s', async (_name, end) => {
      await ask();
      await end();

      const begun = scenario.messages.beginOutbound({
        instanceId: scenario.instanceId,
        organizationId: scenario.organizationId,
        whatsappMessageId: '3EB1',
        phone: '5511988887777',
        chatJid: '5511988887777@s.whatsapp.net',
        content: 'hello',
        contentType: 'text',
        requestId: id,
      });

      await expect(begun).rejects.toMatchObject({ code: 'not_found' });
      expect(await scenario.count('messages')).toBe(0);
    });
  });

  it('shows a QR code while it can be scanned, and none of an earlier owner', async () => {
    const qrs = new PairingQrsRepository(database.client);
    const statuses = new InstanceStatusRepository(database.client);
    const { instanceId, epoch } = scenario;
    const code = { instanceId, epoch, qr: Buffer.from('sealed'), issuedAt: new Date(), seconds: 60 };
    await statuses.setStatus({ instanceId, status: 'qr_pending' });
    await qrs.store({ ...code, epoch: epoch - 1 });
    expect(await qrs.find(instanceId)).toBeNull();

    await qrs.store(code);
    expect(await qrs.find(instanceId)).toEqual({ qr: code.qr, issuedAt: code.issuedAt });

    await scenario.takeOverSession(instanceId, 'node-2');
    expect(await qrs.find(instanceId)).toBeNull();
  });
});
