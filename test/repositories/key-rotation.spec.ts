import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiKeyHasher } from '../../src/auth/api-key-hasher.js';
import { SecretBox } from '../../src/common/secret-box.js';
import { SessionCiphers } from '../../src/baileys/sealing/session-ciphers.js';
import type { SessionCipher } from '../../src/baileys/sealing/session-cipher.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import { KeyHoldersRepository } from '../../src/repositories/key-holders.repository.js';
import { KeyRotationRepository } from '../../src/repositories/key-rotation.repository.js';
import { mediaSourceContext, messageSecretContext } from '../../src/repositories/message-detail.js';
import { ServiceSecretsRepository } from '../../src/repositories/service-secrets.repository.js';
import { KeyRing } from '../../src/secrets/key-ring.js';
import { KeyRotation, type RotationListener, type RotationResult } from '../../src/secrets/key-rotation.js';
import { OrganizationSecrets } from '../../src/secrets/organization-secrets.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { sealedUnder } from '../support/sealed-under.js';
import { Scenario } from './scenario.js';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
/** Other processes are not waited for. */
const AT_ONCE = { maxMs: 0, everyMs: 0 };
/** Columns of bytes that are sealed, and that the rotation seals anew or wraps anew. */
const ROTATED = [
  'data_keys.wrapped',
  'inbox.body',
  'message_media.sealed',
  'messages.payload',
  'messages.secret',
  'node_requests.answer',
  'node_requests.payload',
  'notes.secret',
  'pairing_qrs.qr',
  'service_secrets.value',
  'webhook_endpoints.secret',
  'whatsapp_instances.session_data',
  'whatsapp_session_keys.value',
];
const NOT_SEALED = [
  'api_keys.key_hash',
  'calendar_feeds.token_hash',
  'data_keys.key_id',
  'erased_messages.mark',
  'idempotency_keys.nonce',
  'media_files.sha256',
  'message_media.sha256',
  'message_media.thumbnail',
  'message_media.waveform',
];
const silent: RotationListener = {
  waits: () => undefined,
  began: () => undefined,
  advanced: () => undefined,
  ended: () => undefined,
};

describe.each(TEST_STORES)('the rotation of keys on %s', (store) => {
  let database: TestDatabase;
  let dataKeys: DataKeysRepository;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    dataKeys = new DataKeysRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.sql('truncate organizations, inbox, service_secrets, key_holders cascade');
    scenario = await Scenario.create(database);
  });

  const sql = async (text: string, params: string[] = []) => (await database.sql(text, params)).rows;
  const under = (key: Buffer) => sealedUnder(sql, key);

  function rotate(
    listener = silent,
    repository = new KeyRotationRepository(database.client),
  ): Promise<RotationResult> {
    const master = new SecretBox([newKey, oldKey]);
    return new KeyRotation(repository, dataKeys, master, listener, AT_ONCE).run();
  }

  /** The session as a process takes it over that has these keys. */
  async function own(...keys: Buffer[]): Promise<SessionCipher> {
    const { instanceId } = scenario;
    const box = new SecretBox(keys);
    const ciphers = new SessionCiphers(box, new KeyRing(dataKeys, box));
    await leave();
    const acquired = await scenario.store.acquireSession(instanceId, 'node-1', 15, ciphers.offer(instanceId));
    if (!acquired || 'heldBy' in acquired) {
      throw new Error('not taken over');
    }
    scenario.epoch = acquired.epoch;
    return ciphers.open(instanceId, acquired.dataKeys);
  }

  const leave = () => sql('update whatsapp_instances set lease_owner = null, lease_expires_at = null');

  const key = (id: string, value: Buffer) => ({
    instanceId: scenario.instanceId,
    type: 'session',
    id,
    value,
  });

  async function readKey(id: string): Promise<Buffer> {
    return (await scenario.store.readSessionKeys(scenario.instanceId, 'session', [id])).get(id)!;
  }

  const hashOf = (apiKey: string, key: Buffer) =>
    new ApiKeyHasher(new ServiceSecretsRepository(database.client), new SecretBox([key])).hash(apiKey);

  /** Everything that can be sealed, by the key itself as before there were data keys, and by data keys. */
  async function fill() {
    const { instanceId, organizationId } = scenario;
    const box = new SecretBox([oldKey]);
    const cipher = await own(oldKey);
    const body = Buffer.from('a message');
    const [plain, enveloped] = [scenario.row(), scenario.row()];
    await scenario.commit({
      credentials: [{ instanceId, sessionData: box.seal(Buffer.from('credentials'), [instanceId, 'creds']) }],
      upserts: [
        key('plain', box.seal(Buffer.from('one'), [instanceId, 'session', 'plain'])),
        key('enveloped', cipher.sealKey('session', 'enveloped', 'two')),
      ],
      inbox: [
        { ...plain, body: box.seal(body, [instanceId, 'inbox', plain.hash]) },
        { ...enveloped, body: cipher.sealBody(enveloped.hash, body) },
      ],
    });
    const endpoint = randomUUID();
    const secrets = new OrganizationSecrets(dataKeys, box);
    const secret = await secrets.seal(organizationId, Buffer.from('s'), ['webhook secret', endpoint]);
    await sql(
      `insert into webhook_endpoints (id, organization_id, url, secret)
         values ($1::text::uuid, $2::text, 'https://example.org', decode($3::text, 'hex'))`,
      [endpoint, organizationId, secret.toString('hex')],
    );
    const request = randomUUID();
    await sql(
      `insert into node_requests (id, instance_id, kind, payload, expires_at)
         values ($1::text::uuid, $2::text::uuid, 'logout', decode($3::text, 'hex'), now() + interval '1 hour')`,
      [request, instanceId, box.seal(Buffer.from('{}'), [instanceId, 'request', request]).toString('hex')],
    );
    await hashOf('auz_key', oldKey);
    return { hashes: [plain.hash, enveloped.hash], endpoint, request };
  }

  it('is told of every column of bytes, whether it is sealed', async () => {
    const columns = await sql(
      `select c.table_name || '.' || c.column_name as name
         from information_schema.columns c
         join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type = 'bytea'`,
    );
    const names = columns.map(({ name }) => String(name));

    expect(names.toSorted()).toEqual([...ROTATED, ...NOT_SEALED].toSorted());
  });

  it('leaves nothing that the old key opens, and everything to the new one', async () => {
    const { hashes, endpoint, request } = await fill();
    await leave();
    expect(await under(oldKey)).toEqual({
      'data_keys.wrapped': 3,
      'inbox.body': 1,
      'node_requests.payload': 1,
      'service_secrets.value': 1,
      'whatsapp_instances.session_data': 1,
      'whatsapp_session_keys.value': 1,
    });

    const hash = await hashOf('auz_key', oldKey);

    const result = await rotate();

    expect(result).toMatchObject({ left: 0, unreadable: [] });
    expect(await under(oldKey)).toEqual({});
    const cipher = await own(newKey);
    const [instance] = await sql(`select encode(session_data, 'hex') as data from whatsapp_instances`);
    expect(cipher.openCredentials(Buffer.from(String(instance!['data']), 'hex'))).toBe('credentials');
    expect(cipher.openKey('session', 'plain', await readKey('plain'))).toBe('one');
    expect(cipher.openKey('session', 'enveloped', await readKey('enveloped'))).toBe('two');
    const bodies = await scenario.store.findInbox(scenario.instanceId, hashes);
    for (const [hash, body] of bodies) {
      expect(cipher.openBody(hash, body!).toString()).toBe('a message');
    }
    const secrets = new OrganizationSecrets(dataKeys, new SecretBox([newKey]));
    const [hook] = await sql(`select encode(secret, 'hex') as secret from webhook_endpoints`);
    const sealed = Buffer.from(String(hook!['secret']), 'hex');
    const context = ['webhook secret', endpoint];
    expect((await secrets.open(scenario.organizationId, sealed, context)).toString()).toBe('s');
    const [asked] = await sql(`select encode(payload, 'hex') as payload from node_requests`);
    const payload = Buffer.from(String(asked!['payload']), 'hex');
    const opened = new SecretBox([newKey]).open(payload, [scenario.instanceId, 'request', request]);
    expect(opened.toString()).toBe('{}');
    expect(await hashOf('auz_key', newKey)).toEqual(hash);
    expect(await rotate()).toMatchObject({ changed: 0, left: 0 });
  });

  it('lets a running session write on, with a data key that it has since it was taken over', async () => {
    await fill();
    const cipher = await own(newKey, oldKey);
    await scenario.commit({ upserts: [key('plain', cipher.sealKey('session', 'plain', 'newer'))] });

    await rotate();
    await scenario.commit({ upserts: [key('late', cipher.sealKey('session', 'late', 'three'))] });

    expect(await under(oldKey)).toEqual({});
    const successor = await own(newKey);
    expect(successor.openKey('session', 'plain', await readKey('plain'))).toBe('newer');
    expect(successor.openKey('session', 'late', await readKey('late'))).toBe('three');
  });

  it('never overwrites what a session wrote meanwhile', async () => {
    await fill();
    const cipher = await own(newKey, oldKey);
    let isFirst = true;
    class Overtaken extends KeyRotationRepository {
      override async reseal(...args: Parameters<KeyRotationRepository['reseal']>): Promise<number> {
        if (args[0] === 'session_keys' && isFirst) {
          isFirst = false;
          await scenario.commit({ upserts: [key('plain', cipher.sealKey('session', 'plain', 'newer'))] });
        }
        return super.reseal(...args);
      }
    }

    await rotate(silent, new Overtaken(database.client));

    expect(isFirst).toBe(false);
    expect(cipher.openKey('session', 'plain', await readKey('plain'))).toBe('newer');
    expect(await under(oldKey)).toEqual({});
  });

  it('goes on where it was interrupted', async () => {
    const { instanceId } = scenario;
    const box = new SecretBox([oldKey]);
    await own(oldKey);
    const names = Array.from({ length: 450 }, (_, index) => `k${index}`);
    await scenario.commit({
      upserts: names.map((name) => key(name, box.seal(Buffer.from(name), [instanceId, 'session', name]))),
    });
    await leave();
    const steps: [number, number][] = [];
    const interrupt: RotationListener = {
      ...silent,
      advanced: (scanned, changed) => {
        steps.push([scanned, changed]);
        if (changed > 0) {
          throw new Error('interrupted');
        }
      },
    };
    await expect(rotate(interrupt)).rejects.toThrow('interrupted');
    expect(steps.at(-1)).toEqual([200, 200]);
    expect(await under(oldKey)).toEqual({ 'whatsapp_session_keys.value': 250 });

    const { changed } = await rotate();

    expect(changed).toBe(250);
    expect(await under(oldKey)).toEqual({});
    const cipher = await own(newKey);
    expect(cipher.openKey('session', 'k7', await readKey('k7'))).toBe('k7');
  });

  it('does not begin while a process runs sessions without the new key', async () => {
    await fill();

    await expect(rotate()).rejects.toMatchObject({
      code: 'old_key_in_use',
      message: expect.stringContaining('node-1') as string,
    });
    expect((await under(oldKey))['data_keys.wrapped']).toBe(3);
  });

  describe('with other processes', () => {
    beforeEach(() => leave());

    const announce = (process: string, ...keys: Buffer[]) =>
      new KeyHoldersRepository(database.client).announce({
        process,
        nodeId: 'node-1',
        keyIds: new SecretBox(keys).keyIds,
        seconds: 20,
        isAlone: false,
        isLeaving: false,
      });

    function rotatePatiently(onWait: (nodeIds: string[]) => void): Promise<RotationResult> {
      const listener = { ...silent, waits: onWait };
      const patience = { maxMs: 300_000, everyMs: 5 };
      const repository = new KeyRotationRepository(database.client);
      return new KeyRotation(repository, dataKeys, new SecretBox([newKey, oldKey]), listener, patience).run();
    }

    it('waits for those that have the new key and do not seal with it yet', async () => {
      const [first, second] = [randomUUID(), randomUUID()];
      await announce(first, oldKey);
      await announce(second, newKey, oldKey);
      await announce(first, newKey, oldKey);
      const waited: string[][] = [];

      const result = await rotatePatiently((nodeIds) => {
        waited.push(nodeIds);
        void announce(second, newKey, oldKey);
      });

      expect(result.left).toBe(0);
      expect(waited).toEqual([['node-1']]);
    });

    it('waits for one that does not have it and may be gone', async () => {
      await announce(randomUUID(), oldKey);

      const result = await rotatePatiently(() => void sql('update key_holders set expires_at = now()'));

      expect(result.left).toBe(0);
    });

    it('does not begin when such a one shows that it is alive', async () => {
      const process = randomUUID();
      await announce(process, oldKey);
      await fill();
      await leave();

      const rotation = rotatePatiently(() => void announce(process, oldKey));

      await expect(rotation).rejects.toMatchObject({ code: 'old_key_in_use' });
      expect((await under(oldKey))['data_keys.wrapped']).toBe(3);
    });
  });

  it('names what no key opens, and leaves it', async () => {
    await fill();
    await leave();
    await sql(`update whatsapp_session_keys set value = decode('00', 'hex') where key_id = 'plain'`);

    const result = await rotate();

    expect(result).toMatchObject({
      left: 0,
      locked: 0,
      unreadable: [`session keys of ${scenario.instanceId}`],
    });
    expect(await readKey('plain')).toEqual(Buffer.of(0));
    expect(await under(oldKey)).toEqual({});
  });

  it('counts what a key sealed that is not configured', async () => {
    await fill();
    await leave();
    const master = new SecretBox([newKey]);
    const repository = new KeyRotationRepository(database.client);

    const result = await new KeyRotation(repository, dataKeys, master, silent, AT_ONCE).run();

    expect(result).toMatchObject({ left: 0, locked: 8 });
    expect((await under(oldKey))['data_keys.wrapped']).toBe(3);
  });

  it('purges what deleted instances received, which no data key seals', async () => {
    const { hashes } = await fill();
    await sql('update inbox set state = 1');
    await scenario.store.wipeSession(scenario.instanceId, { deleted: true });

    await rotate();

    expect(await under(oldKey)).toEqual({});
    expect((await scenario.store.findInbox(scenario.instanceId, [hashes[0]!])).get(hashes[0]!)).toBeNull();
  });

  it('leaves what a closed organization can not open any more, and makes it no new key', async () => {
    await fill();
    await leave();
    await sql('select close_organization(jsonb_build_object($1::text, $2::text))', [
      'id',
      scenario.organizationId,
    ]);

    expect(await rotate()).toMatchObject({ left: 0, unreadable: [] });

    expect(await sql('select id from data_keys where instance_id is null')).toEqual([]);
    expect(await under(oldKey)).toEqual({});
  });

  it('removes data keys a day after they were replaced', async () => {
    await fill();
    await leave();
    await rotate();
    const count = async () => (await sql('select count(*)::int as n from data_keys'))[0]!['n'];
    expect(await count()).toBe(6);

    await sql(`update data_keys set retired_at = retired_at - interval '2 days'`);
    await rotate();

    expect(await count()).toBe(3);
  });

  describe('of what is sealed of messages', () => {
    const COLUMNS = `
      select 'secret of ' || whatsapp_message_id as what, encode(secret, 'hex') as value
        from messages where secret is not null
      union all select 'secret of ' || whatsapp_message_id, encode(secret, 'hex') from notes where secret is not null
      union all select 'payload of ' || whatsapp_message_id, encode(payload, 'hex')
        from messages where payload is not null
      union all select 'source of ' || whatsapp_message_id, encode(sealed, 'hex')
        from message_media where sealed is not null`;

    const values = async () =>
      new Map(
        (await sql(COLUMNS)).map(({ what, value }) => [String(what), Buffer.from(String(value), 'hex')]),
      );

    const keysUnder = async (...keys: Buffer[]) => {
      const ring = new KeyRing(dataKeys, new SecretBox(keys));
      return (await ring.forSealing([scenario.instanceId])).get(scenario.instanceId)!;
    };

    /** A row with a value in each column, and one of ours that has both. @returns the id of ours */
    async function fillMessages(): Promise<string> {
      const { instanceId, organizationId } = scenario;
      const cipher = await own(oldKey);
      const keys = await keysUnder(oldKey);
      const secret = (id: string) =>
        keys.seal(Buffer.from(`secret of ${id}`), messageSecretContext(instanceId, id));
      const sealed = keys.seal(Buffer.from('source of theirs'), mediaSourceContext(instanceId, 'theirs'));
      const phone = '5511988887777';
      const [theirs] = await scenario.received({ phone, id: 'theirs' });
      const [note] = await scenario.ownerWrote({ phone, id: 'note' });
      await scenario.ingest([
        {
          ...theirs!,
          detail: { type: 'image', secret: secret('theirs'), media: { kind: 'image', sealed } },
        } as typeof theirs & object,
        { ...note!, detail: { type: 'poll', secret: secret('note') } } as typeof note & object,
      ]);
      await sql('update inbox set body = null');
      const ours = randomUUID();
      await sql(
        `insert into messages (id, organization_id, instance_id, direction, whatsapp_message_id, chat_key, status, secret, payload)
           values ($1::text::uuid, $2::text, $3::text::uuid, 'outbound', 'ours', 'chat', 'sent', decode($4::text, 'hex'),
             decode($5::text, 'hex'))`,
        [
          ours,
          organizationId,
          instanceId,
          secret('ours').toString('hex'),
          cipher.sealMessage(ours, Buffer.from('payload of ours')).toString('hex'),
        ],
      );
      return ours;
    }

    async function opened(ours: string, ...keys: Buffer[]): Promise<string[]> {
      const inbox = await keysUnder(...keys);
      const { instanceId } = scenario;
      return [...(await values())].map(([what, value]) => {
        const [kind, , id] = what.split(' ') as [string, string, string];
        const context = {
          secret: messageSecretContext(instanceId, id),
          source: mediaSourceContext(instanceId, id),
          payload: [instanceId, 'message', ours],
        }[kind]!;
        return inbox.open(value, context).toString();
      });
    }

    const ALL = [
      'payload of ours',
      'secret of note',
      'secret of ours',
      'secret of theirs',
      'source of theirs',
    ];

    it('opens all of it when the keys before are gone', async () => {
      const ours = await fillMessages();
      await leave();
      expect((await opened(ours, oldKey)).toSorted()).toEqual(ALL);

      expect(await rotate()).toMatchObject({ left: 0, unreadable: [] });
      await sql(`update data_keys set retired_at = retired_at - interval '2 days'`);
      expect(await rotate()).toMatchObject({ changed: 0, left: 0, unreadable: [] });

      expect(await sql('select from data_keys where retired_at is not null')).toEqual([]);
      expect((await opened(ours, newKey)).toSorted()).toEqual(ALL);
    });

    it('passes over rows in which nothing is sealed, and seals more than a page holds', async () => {
      await fillMessages();
      const { instanceId, organizationId } = scenario;
      const keys = await keysUnder(oldKey);
      const rows = Array.from({ length: 420 }, (_, index) => {
        const id = randomUUID();
        const seal = (context: string[]) => keys.seal(Buffer.from(id), context).toString('hex');
        const isPlain = index % 3 === 0;
        return {
          id,
          secret: isPlain ? null : seal(messageSecretContext(instanceId, id)),
          payload: isPlain ? null : seal([instanceId, 'message', id]),
        };
      });
      await sql(
        `insert into messages (id, organization_id, instance_id, direction, whatsapp_message_id, chat_key, status, secret, payload)
           select r.id, $1::text, $2::text::uuid, 'outbound', r.id::text, 'chat', 'sent', decode(r.secret, 'hex'),
             decode(r.payload, 'hex')
           from json_to_recordset($3::text::json) as r (id uuid, secret text, payload text)`,
        [organizationId, instanceId, JSON.stringify(rows)],
      );
      await leave();
      const steps: [number, number][] = [];
      const titles: string[] = [];
      const listener: RotationListener = {
        ...silent,
        began: (title) => titles.push(title),
        advanced: (scanned, changed) => {
          if (titles.at(-1) === 'what messages keep sealed') {
            steps.push([scanned, changed]);
          }
        },
      };

      expect(await rotate(listener)).toMatchObject({ left: 0, unreadable: [] });

      const pass = steps.slice(0, steps.length / 2);
      expect(pass.at(-1)).toEqual([424, 565]);
      expect(steps.at(-1)).toEqual([424, 0]);
      const found =
        await sql(`select id::text, encode(secret, 'hex') as secret, encode(payload, 'hex') as payload
        from messages where chat_key = 'chat' and whatsapp_message_id <> 'ours' and secret is not null`);
      expect(found).toHaveLength(280);
      const inbox = await keysUnder(newKey);
      for (const { id, secret, payload } of found as Record<string, string>[]) {
        const open = (value: string, context: string[]) =>
          inbox.open(Buffer.from(value, 'hex'), context).toString();
        expect(open(secret!, messageSecretContext(instanceId, id!))).toBe(id);
        expect(open(payload!, [instanceId, 'message', id!])).toBe(id);
      }
    });

    it('leaves what nobody can open any more since its key was shredded', async () => {
      await fillMessages();
      await scenario.store.wipeSession(scenario.instanceId, { deleted: true });
      await sql("delete from data_keys where instance_id is not null and purpose = 'inbox'");
      const before = await values();

      expect(await rotate()).toMatchObject({ left: 0, unreadable: [] });

      expect(await values()).toEqual(before);
    });

    it.runIf(store !== 'pglite')('leaves rows in use for later, and waits for none', async () => {
      const ours = await fillMessages();
      await leave();
      const other = new pg.Client({ connectionString: database.url });
      await other.connect();
      await other.query('begin');
      await other.query(`select 1 from messages where whatsapp_message_id = 'theirs' for update`);

      const during = await rotate();
      await other.query('rollback');
      await other.end();

      expect(during).toMatchObject({ left: 1, unreadable: [] });
      expect(await rotate()).toMatchObject({ left: 0, changed: 1 });
      expect((await opened(ours, newKey)).toSorted()).toEqual(ALL);
    });
  });

  it.runIf(store !== 'pglite')('waits for nobody, and says what was in use', async () => {
    await fill();
    await own(newKey, oldKey);
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query('begin');
    await other.query(`select 1 from whatsapp_session_keys where key_id = 'plain' for update`);

    const during = await rotate();
    await other.query('rollback');
    await other.end();

    expect(during.left).toBe(1);
    expect(await under(oldKey)).toEqual({ 'whatsapp_session_keys.value': 1 });
    expect(await rotate()).toMatchObject({ left: 0, changed: 1 });
    expect(await under(oldKey)).toEqual({});
  });
});
