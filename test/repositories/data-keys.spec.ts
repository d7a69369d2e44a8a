import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeDataKey, type StoredDataKey } from '../../src/common/data-keys.js';
import { SecretBox } from '../../src/common/secret-box.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import type { OfferedDataKeys } from '../../src/repositories/session-batch.js';
import { OrganizationSecrets } from '../../src/secrets/organization-secrets.js';
import { TicksRepository } from '../../src/repositories/ticks.repository.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);

const idsOf = (keys: StoredDataKey[]) =>
  keys.map(({ keyId, isCurrent }) => [keyId.toString('hex'), isCurrent]);

describe.each(TEST_STORES)('data keys on %s', (store) => {
  let database: TestDatabase;
  let dataKeys: DataKeysRepository;
  let scenario: Scenario;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    dataKeys = new DataKeysRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
  });

  function offer(...keys: Buffer[]): OfferedDataKeys {
    const box = new SecretBox(keys);
    const id = scenario.instanceId;
    return {
      masterIds: box.keyIds,
      session: makeDataKey(box, { id, purpose: 'session' }),
      inbox: makeDataKey(box, { id, purpose: 'inbox' }),
    };
  }

  async function take(nodeId: string, offered: OfferedDataKeys) {
    const { instanceId } = scenario;
    await database.sql('update whatsapp_instances set lease_owner = null where id = $1::text::uuid', [
      instanceId,
    ]);
    const acquired = await scenario.store.acquireSession(instanceId, nodeId, 15, offered);
    if (!acquired || 'heldBy' in acquired) {
      throw new Error('not taken over');
    }
    scenario.epoch = acquired.epoch;
    return acquired.dataKeys;
  }

  const left = async () => {
    const found = await Promise.all(
      (['session', 'inbox'] as const).map((purpose) =>
        dataKeys.listOfInstances([scenario.instanceId], purpose),
      ),
    );
    return found.map((keys) => keys.get(scenario.instanceId)!.length);
  };

  it('are made by the first who takes a session over, and are the same for all who follow', async () => {
    const first = offer(oldKey);

    const made = await take('node-1', first);
    const found = await take('node-2', offer(oldKey));

    expect(made).toEqual({
      session: [{ ...first.session, isCurrent: true }],
      inbox: [{ ...first.inbox, isCurrent: true }],
    });
    expect(found).toEqual(made);
    const inbox = await dataKeys.listOfInstances([scenario.instanceId], 'inbox');
    expect(inbox.get(scenario.instanceId)).toEqual(made.inbox);
  });

  it('are replaced at the next take-over once an older key wrapped them, and go on opening', async () => {
    const before = offer(oldKey);
    await take('node-1', before);
    const after = offer(newKey, oldKey);

    const { session } = await take('node-1', after);

    expect(idsOf(session)).toEqual([
      [before.session.keyId.toString('hex'), false],
      [after.session.keyId.toString('hex'), true],
    ]);
    expect((await take('node-1', offer(newKey, oldKey))).session).toEqual(session);
  });

  it('stay when a key wrapped them that the taker does not have', async () => {
    const made = await take('node-1', offer(oldKey));

    expect(await take('node-2', offer(newKey))).toEqual(made);
    expect(await dataKeys.countLockedSessions(offer(newKey).masterIds)).toBe(0);
    await scenario.commit({
      credentials: [{ instanceId: scenario.instanceId, sessionData: Buffer.from('x') }],
    });
    await database.sql(`update whatsapp_instances set desired_state = 'running' where id = $1::text::uuid`, [
      scenario.instanceId,
    ]);
    expect(await dataKeys.countLockedSessions(offer(newKey).masterIds)).toBe(1);
    expect(await dataKeys.countLockedSessions(offer(newKey, oldKey).masterIds)).toBe(0);
    await scenario.store.wipeSession(scenario.instanceId, { deleted: true });
  });

  it('go with the session; that of received messages stays for the next one', async () => {
    await take('node-1', offer(oldKey));

    await scenario.store.wipeSession(scenario.instanceId, { deleted: false });

    expect(await left()).toEqual([0, 1]);
  });

  it('go with the instance', async () => {
    await take('node-1', offer(oldKey));

    await scenario.store.wipeSession(scenario.instanceId, { deleted: true });

    expect(await left()).toEqual([0, 0]);
  });

  it('stay with a deleted instance until what it received is routed', async () => {
    await take('node-1', offer(oldKey));
    const items = await scenario.received({ phone: '5511988887777' });
    await scenario.store.wipeSession(scenario.instanceId, { deleted: true });

    await new TicksRepository(database.client).tick({ drained: true });
    expect(await left()).toEqual([0, 1]);
    await scenario.ingest(items);
    await new TicksRepository(database.client).tick({ drained: true });
    expect(await left()).toEqual([0, 0]);
  });

  it('seal what belongs to an organization, one key for all who ask at the same time', async () => {
    const secrets = new OrganizationSecrets(dataKeys, new SecretBox([oldKey]));
    const { organizationId } = scenario;

    const sealed = await Promise.all(
      ['a', 'b'].map((text) => secrets.seal(organizationId, Buffer.from(text), ['webhook secret', text])),
    );

    expect(await dataKeys.listOfOrganization(organizationId)).toHaveLength(1);
    const opened = await secrets.open(organizationId, sealed[1]!, ['webhook secret', 'b']);
    expect(opened.toString()).toBe('b');
    await expect(secrets.open(organizationId, sealed[0]!, ['webhook secret', 'b'])).rejects.toThrow(
      /authenticate|state/i,
    );
    await expect(secrets.seal('nobody', Buffer.from('x'), [])).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });
});
