import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataKeys } from '../../src/common/data-keys.js';
import { SecretBox } from '../../src/common/secret-box.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import { type BuiltService, environmentOf, makeServiceHome, runToExit } from '../support/built-service.js';
import { NodeCluster } from '../support/node-cluster.js';
import { storeSealed } from '../support/seal-values.js';
import { sealedUnder } from '../support/sealed-under.js';

const SOON = { timeout: 60_000, interval: 50 };
/** Enough for a signal to arrive in the middle. */
const STORED_KEYS = 20_000;
const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const named = (...keys: Buffer[]) => ({
  SESSION_ENCRYPTION_KEY: keys.map((key) => key.toString('base64')).join(','),
});

let cluster: NodeCluster;
let node: BuiltService;
let phones: Phone[];
let ana: Phone;
let ids: string[];
let written = 0;

const sql = (text: string) => cluster.sql(text);

async function write(): Promise<void> {
  written += 1;
  const sent = await Promise.all(phones.map((phone) => ana.writes(phone, `message ${written}`)));
  await Promise.all(sent.map((message) => message.acknowledged()));
}

async function stored(): Promise<string[][]> {
  const rows = await cluster.sql<{ instance_id: string; content: string }>(
    `select instance_id, content from messages where direction = 'inbound' order by ordinal`,
  );
  return ids.map((id) => rows.filter(({ instance_id }) => instance_id === id).map(({ content }) => content));
}

const everything = () => ids.map(() => Array.from({ length: written }, (_, index) => `message ${index + 1}`));

const admin = (keys: Buffer[], args: string[], onStart?: (child: ChildProcess) => void) =>
  runToExit(
    'admin-cli.js',
    { NODE_ENV: 'test', ...cluster.storeEnvironment, ...named(...keys) },
    args,
    onStart,
  );
const rotate = (...keys: Buffer[]) => admin(keys, ['rotate-keys']);

const isOld = `substr(value, 1, 5) = '\\x01${new SecretBox([oldKey]).keyIds[0]!.toString('hex')}'`;

async function countOldKeys(): Promise<number> {
  const [row] = await sql(`select count(*)::int as n from whatsapp_session_keys where ${isOld}`);
  return Number(row!['n']);
}

/** Keeps rotations from going on beyond this part of the old keys of idle instances. @returns lets them go on */
async function holdRotation(part: number): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: cluster.databaseUrl });
  await holder.connect();
  await holder.query('select pg_advisory_lock(1)');
  const { rows } = await holder.query<{ instance_id: string; key_type: string; key_id: string }>(
    `select instance_id, key_type, key_id from whatsapp_session_keys where ${isOld} and instance_id <> all ($1)
       order by instance_id, key_type, key_id limit 1 offset $2`,
    [ids, Math.floor(STORED_KEYS * part)],
  );
  const { instance_id, key_type, key_id } = rows[0]!;
  await holder.query(`
    create or replace function public.hold_rotation() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
    create or replace trigger hold_rotation before update on public.whatsapp_session_keys for each row
      when (old.instance_id = '${instance_id}' and old.key_type = '${key_type}' and old.key_id = '${key_id}')
      execute function public.hold_rotation()`);
  return () => holder.end();
}

/** Starts a rotation, and sends it a signal when it is in the middle of it: it does not come further than a part. */
async function interruptRotation(signal: NodeJS.Signals, part: number) {
  const before = await countOldKeys();
  const goOn = await holdRotation(part);
  let child: ChildProcess | undefined;
  const rotation = admin([newKey, oldKey], ['rotate-keys'], (started) => (child = started));
  try {
    await expect.poll(countOldKeys, SOON).toBeLessThan(before);
    child?.kill(signal);
  } finally {
    await goOn();
  }
  return rotation;
}

/** Makes a part of what is stored as it was before there were data keys: sealed by the key itself. */
async function sealAsBefore(): Promise<void> {
  const database = await openDatabase({
    store: { kind: 'postgres', connectionString: cluster.databaseUrl },
  });
  const box = new SecretBox([oldKey]);
  for (const [id, keys] of await new DataKeysRepository(database.client).listOfInstances(ids, 'session')) {
    const dataKeys = DataKeys.unwrap(box, { id, purpose: 'session' }, keys);
    const anew = (value: Buffer, context: string[]) => box.seal(dataKeys.open(value, context), context);
    const rows = await cluster.sql<{ key_type: string; key_id: string; value: Buffer }>(
      `select key_type, key_id, value from whatsapp_session_keys where instance_id = $1 and key_type <> 'pre-key'`,
      [id],
    );
    for (const { key_type, key_id, value } of rows) {
      await cluster.sql(
        'update whatsapp_session_keys set value = $4 where instance_id = $1 and key_type = $2 and key_id = $3',
        [id, key_type, key_id, anew(value, [id, key_type, key_id])],
      );
    }
    const [instance] = await cluster.sql<{ session_data: Buffer }>(
      'select session_data from whatsapp_instances where id = $1',
      [id],
    );
    await cluster.sql('update whatsapp_instances set session_data = $2 where id = $1', [
      id,
      anew(instance!.session_data, [id, 'creds']),
    ]);
  }
  await database.close();
}

/** Of other organizations: instances that nobody runs, with much to seal anew. */
async function addIdleTenants(): Promise<void> {
  for (const organization of ['org_idle', 'org_large']) {
    const instanceId = await node.api.createInstance(organization);
    const bodies = Array.from({ length: 1_000 }, (_, index) => `body ${index}`);
    await storeSealed((text, params) => cluster.sql(text, params), oldKey, {
      instanceId,
      keys: STORED_KEYS / 2,
      bodies,
    });
  }
}

beforeAll(async () => {
  cluster = await NodeCluster.start();
  node = await cluster.add('a', named(oldKey));
  phones = ['5511999880001', '5511999880002'].map((number) =>
    cluster.simulator.addPhone({ number, name: number }),
  );
  ana = cluster.simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  ids = [];
  for (const phone of phones) {
    ids.push(await cluster.link(node, phone));
  }
  await write();
  await addIdleTenants();
  await cluster.end('a', 'SIGTERM');
  await sealAsBefore();
});

afterAll(() => cluster.stop());

describe('a new SESSION_ENCRYPTION_KEY', () => {
  it('takes over under load, also when it is killed: no line drops, no message is lost, and the old key opens nothing', async () => {
    node = await cluster.add('a', named(newKey, oldKey));
    await write();
    expect(Object.keys(await sealedUnder(sql, oldKey))).toEqual(
      expect.arrayContaining(['data_keys.wrapped', 'inbox.body', 'whatsapp_session_keys.value']),
    );
    const { output: apiKey } = await admin([newKey, oldKey], ['create-key', '--name', 'kept']);
    const ended: number[] = [];
    cluster.simulator.on('connection.ended', ({ connection }) => ended.push(connection));

    const [before, oldKeys] = [written, await countOldKeys()];
    let isOver = false;
    const rotations = (async () => {
      const interrupted = await interruptRotation('SIGINT', 1 / 2);
      const leftByInterruption = await countOldKeys();
      const killed = await interruptRotation('SIGKILL', 1 / 4);
      const leftByKill = await countOldKeys();
      return { interrupted, leftByInterruption, killed, leftByKill, last: await rotate(newKey, oldKey) };
    })().finally(() => (isOver = true));
    while (!isOver) {
      await write();
    }
    const { interrupted, leftByInterruption, killed, leftByKill, last } = await rotations;
    await write();

    expect(interrupted).toMatchObject({ code: 1, output: expect.stringContaining('Interrupted.') as string });
    expect(killed.code).toBeNull();
    expect(leftByInterruption).toBeLessThan(oldKeys);
    expect(leftByKill).toBeLessThan(leftByInterruption);
    expect(leftByKill).toBeGreaterThan(0);
    expect(last.code, last.output).toBe(0);
    expect(last.output).toMatch(/session keys: \d+\/\d+ checked \(\d+ %\), \d+ sealed anew/);
    expect(last.output).toContain('SESSION_ENCRYPTION_KEY may name the first key alone now');
    expect(written - before).toBeGreaterThan(1);
    expect(ended).toEqual([]);
    await expect.poll(stored, SOON).toEqual(everything());
    expect(await sealedUnder(sql, oldKey)).toEqual({});
    expect(await sql('select id from inbox where state <> 1')).toEqual([]);
    const usable = await node.api.call('GET', '/api/admin/api-keys', undefined, {
      authorization: `Bearer ${/auz_\S+/.exec(apiKey)![0]}`,
    });
    expect(usable.status).toBe(200);
  });

  it('is enough from then on, and the old one is refused', async () => {
    await cluster.end('a', 'SIGTERM');
    const home = await makeServiceHome();
    const refused = await runToExit('main.js', {
      ...environmentOf(home),
      NODE_ENV: 'test',
      ...cluster.storeEnvironment,
      WHATSAPP_WS_URL: cluster.simulator.url,
      ...named(oldKey),
    });
    await home.remove();
    expect(await admin([oldKey], ['create-key'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('SESSION_ENCRYPTION_KEY does not open the secret') as string,
    });
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/SESSION_ENCRYPTION_KEY does not open the sessions.*rotate-keys/);

    node = await cluster.add('a', named(newKey));
    await write();

    await expect.poll(stored, SOON).toEqual(everything());
    expect(phones.map((phone) => phone.devices.length)).toEqual([1, 1]);
  });

  it('does not take over while a process runs sessions without it', async () => {
    const { code, output } = await rotate(randomBytes(32), newKey);

    expect(code).toBe(1);
    expect(output).toMatch(/These processes do not seal with the new key: a\./);
    expect(Object.keys(await sealedUnder(sql, newKey))).toEqual([
      'data_keys.wrapped',
      'service_secrets.value',
    ]);
  });
});

describe('npm run admin', () => {
  it('lists its commands to whoever names none of them', async () => {
    const { code, output } = await runToExit('admin-cli.js', {}, ['nonsense']);

    expect(code).toBe(2);
    expect(output).toContain('rotate-keys');
  });

  it.each([
    [/can't be reached/, 'postgres://postgres@127.0.0.1:1/auzap'],
    [/has no such database.*"missing"/, 'missing'],
  ])('says %s of a database that it can not open', async (words, url) => {
    const databaseUrl = new URL(url, cluster.databaseUrl).href;

    const { code, output } = await runToExit(
      'admin-cli.js',
      { NODE_ENV: 'test', DATABASE_URL: databaseUrl, ...named(newKey) },
      ['create-key'],
    );

    expect(code).toBe(1);
    expect(output).toMatch(words);
  });
});

describe('what is deleted', () => {
  const keysOf = (id: string) =>
    cluster.sql('select purpose from data_keys where instance_id = $1 order by purpose', [id]);

  it('leaves no key of an instance behind that could open what it stored', async () => {
    expect(await keysOf(ids[0]!)).not.toEqual([]);

    const answer = await node.api.call('DELETE', `/api/whatsapp/instances/${ids[0]}`);

    expect(answer.status).toBe(200);
    expect(await keysOf(ids[0]!)).toEqual([]);
    expect(phones[0]!.devices).toEqual([]);
  });

  it('leaves none of a closed organization, also when the process that closed it died', async () => {
    expect(phones[1]!.devices).toHaveLength(1);
    await cluster.end('a', 'SIGKILL');
    // As far as it had come.
    await sql(`select close_organization('{"id": "org_123"}')`);

    node = await cluster.add('a', named(newKey));

    await expect.poll(() => keysOf(ids[1]!), SOON).toEqual([]);
    await expect.poll(() => phones[1]!.devices, SOON).toEqual([]);
    expect(await sql(`select purpose from data_keys where organization_id = 'org_123'`)).toEqual([]);
    const { body } = await node.api.call('GET', `/api/whatsapp/instances/${ids[1]}`);
    expect(body).toMatchObject({ code: 'instance_not_found' });
  });
});
