import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyScope } from '../../src/repositories/api-key.js';
import { ApiKeysRepository } from '../../src/repositories/api-keys.repository.js';
import { MembersRepository } from '../../src/repositories/members.repository.js';
import { OpenedCallsRepository } from '../../src/repositories/opened-calls.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

describe.each(TEST_STORES)('who calls about an instance, on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let other: Scenario;
  let calls: OpenedCallsRepository;
  let keys: ApiKeysRepository;
  let members: MembersRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    calls = new OpenedCallsRepository(database.client);
    keys = new ApiKeysRepository(database.client);
    members = new MembersRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
    other = await Scenario.create(database);
  });

  async function keyOf(organizationId: string | null, expiresAt: Date | null = null) {
    const hash = randomBytes(32);
    const scopes: ApiKeyScope[] = organizationId === null ? ['admin'] : ['read'];
    const prefix = `auz_${randomBytes(4).toString('hex')}`;
    const { id } = await keys.insertKey({ organizationId, name: 'x', hash, prefix, scopes, expiresAt });
    return { id, hash };
  }

  const instanceOf = (of: Scenario) =>
    of.instances.findInstance('all', of.instanceId, { includeDeleted: true });

  it('is told with the instance, by a key as by itself', async () => {
    const { hash } = await keyOf(scenario.organizationId);

    expect(await calls.openByKey(hash, scenario.instanceId)).toEqual({
      grant: await keys.authenticate(hash),
      instance: await instanceOf(scenario),
    });
  });

  it('notes that the key was used', async () => {
    const { id, hash } = await keyOf(scenario.organizationId);
    await calls.openByKey(hash, scenario.instanceId);

    expect((await keys.findKey(scenario.organizationId, id))?.lastUsedAt).not.toBeNull();
  });

  it.each([
    ['unknown', () => Promise.resolve(randomBytes(32))],
    ['past its end', async () => (await keyOf(scenario.organizationId, new Date(1))).hash],
    [
      'revoked',
      async () => {
        const { id, hash } = await keyOf(scenario.organizationId);
        await keys.revokeKey(scenario.organizationId, id);
        return hash;
      },
    ],
  ])('is nobody where the key is %s, and sees nothing', async (_, hashOf) => {
    expect(await calls.openByKey(await hashOf(), scenario.instanceId)).toEqual({
      grant: null,
      instance: null,
    });
  });

  it('sees no instance of somebody else, as if there were none', async () => {
    const { hash } = await keyOf(scenario.organizationId);
    const userId = randomUUID();
    await members.putMember(scenario.organizationId, userId, 'owner');

    for (const id of [other.instanceId, randomUUID()]) {
      expect(await calls.openByKey(hash, id)).toMatchObject({ grant: {}, instance: null });
      expect(await calls.openByUser(userId, id)).toMatchObject({ memberships: [{}], instance: null });
    }
  });

  it('sees every instance with a key of the whole service, and deleted ones too', async () => {
    const { hash } = await keyOf(null);
    await other.store.wipeSession(other.instanceId, { deleted: true });

    for (const one of [scenario, other]) {
      expect((await calls.openByKey(hash, one.instanceId)).instance).toEqual(await instanceOf(one));
    }
  });

  it('is told by a user with all memberships, and sees nothing of closed organizations', async () => {
    const userId = randomUUID();
    await members.putMember(scenario.organizationId, userId, 'viewer');
    await members.putMember(other.organizationId, userId, 'agent');
    await other.organizations.closeOrganization(other.organizationId);

    const [mine, closed] = [
      await calls.openByUser(userId, scenario.instanceId),
      await calls.openByUser(userId, other.instanceId),
    ];

    expect(mine.memberships).toEqual(await members.membershipsOf([userId]));
    expect(mine.instance).toEqual(await instanceOf(scenario));
    expect(closed).toEqual({ memberships: mine.memberships, instance: null });
    expect(await calls.openByUser(randomUUID(), scenario.instanceId)).toEqual({
      memberships: [],
      instance: null,
    });
  });
});
