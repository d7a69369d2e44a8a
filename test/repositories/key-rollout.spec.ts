import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SessionCiphers } from '../../src/baileys/sealing/session-ciphers.js';
import { SecretBox } from '../../src/common/secret-box.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import { type KeyHolder, KeyHoldersRepository } from '../../src/repositories/key-holders.repository.js';
import { KeyRing } from '../../src/secrets/key-ring.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const idOf = (key: Buffer) => new SecretBox([key]).keyIds[0]!;

describe.each(TEST_STORES)('what processes seal with on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let holders: KeyHoldersRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    holders = new KeyHoldersRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.sql('truncate organizations, inbox, key_holders cascade');
    scenario = await Scenario.create(database);
  });

  /** A process with these keys, the first of which is to seal. */
  function aProcess(nodeId: string, ...keys: Buffer[]) {
    const process = randomUUID();
    const keyIds = new SecretBox(keys).keyIds;
    const calm = { process, nodeId, keyIds, seconds: 20, isAlone: false, isLeaving: false };
    return (how: Partial<KeyHolder> = {}) => holders.announce({ ...calm, ...how });
  }

  /** The session as a process takes it over that has these keys. */
  async function takeOver(...keys: Buffer[]) {
    const box = new SecretBox(keys);
    const ciphers = new SessionCiphers(box, new KeyRing(new DataKeysRepository(database.client), box));
    const { instanceId } = scenario;
    const acquired = await scenario.store.acquireSession(instanceId, 'node-1', 15, ciphers.offer(instanceId));
    if (!acquired || 'heldBy' in acquired) {
      throw new Error('not taken over');
    }
    return { box, ciphers, epoch: acquired.epoch, cipher: ciphers.open(instanceId, acquired.dataKeys) };
  }

  it('is the new key once all living processes have it', async () => {
    const [a, b] = [aProcess('a', oldKey), aProcess('b', newKey, oldKey)];
    await a();
    expect(await b()).toEqual({ sealing: idOf(oldKey), lacking: [] });

    await a({ keyIds: [idOf(newKey), idOf(oldKey)] });

    expect(await b()).toEqual({ sealing: idOf(newKey), lacking: [] });
  });

  it.each([
    ['left', (a: ReturnType<typeof aProcess>) => a({ isLeaving: true })],
    ['was killed, after its time', () => database.sql('update key_holders set expires_at = now()')],
  ])('does not wait for one that %s', async (_, end) => {
    const [a, b] = [aProcess('a', oldKey), aProcess('b', newKey, oldKey)];
    await a();
    await end(a);

    expect(await b()).toEqual({ sealing: idOf(newKey), lacking: [] });
  });

  it('does not wait for anybody where the database belongs to one process', async () => {
    await aProcess('killed', oldKey)();

    expect((await aProcess('b', newKey, oldKey)({ isAlone: true })).sealing).toEqual(idOf(newKey));
  });

  it('stays the new key once data keys are under it, and tells whoever lacks it', async () => {
    await takeOver(newKey, oldKey);
    const [a, b] = [aProcess('a', newKey, oldKey), aProcess('b', oldKey)];
    await a();

    expect(await b()).toEqual({ sealing: idOf(oldKey), lacking: ['a'] });
    expect(await a()).toEqual({ sealing: idOf(newKey), lacking: [] });
  });

  it('gives a running session new data keys, and opens what is sealed before, meanwhile and after', async () => {
    const { box, ciphers, cipher, epoch } = await takeOver(oldKey, newKey);
    const { instanceId } = scenario;
    const before = cipher.sealKey('session', 'before', 'one');
    box.sealWith(idOf(newKey));
    expect(cipher.isUnder(idOf(newKey))).toBe(false);

    const offered = ciphers.prepare(instanceId, cipher);
    const renewed = await scenario.store.renewDataKeys(box.keyIds, [{ instanceId, epoch, offered }]);
    // Somebody who has read the new key seals with it before this process knows that it was stored.
    const stored = renewed.get(instanceId)!;
    const meanwhile = ciphers.open(instanceId, stored).sealKey('session', 'meanwhile', 'two');
    expect(cipher.openKey('session', 'meanwhile', meanwhile)).toBe('two');
    ciphers.replace(instanceId, cipher, stored);

    expect(cipher.isUnder(idOf(newKey))).toBe(true);
    expect(cipher.openKey('session', 'before', before)).toBe('one');
    expect(cipher.openKey('session', 'meanwhile', meanwhile)).toBe('two');
    const successor = (await takeOver(newKey, oldKey)).cipher;
    expect(successor.openKey('session', 'after', cipher.sealKey('session', 'after', '3'))).toBe('3');
  });

  it('leaves a session alone that somebody else has taken over', async () => {
    const { box, ciphers, cipher, epoch } = await takeOver(oldKey, newKey);
    await takeOver(oldKey, newKey);
    box.sealWith(idOf(newKey));
    const offered = ciphers.prepare(scenario.instanceId, cipher);

    const sessions = [{ instanceId: scenario.instanceId, epoch, offered }];

    expect(await scenario.store.renewDataKeys(box.keyIds, sessions)).toEqual(new Map());
  });
});
