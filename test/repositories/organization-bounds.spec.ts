import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyMaker } from '../../src/repositories/api-key.js';
import { ApiKeysRepository } from '../../src/repositories/api-keys.repository.js';
import { MembersRepository } from '../../src/repositories/members.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';

const ORGANIZATION = 'clinic';
const MAX_KEYS = 100;

let database: TestDatabase;
let other: pg.Client;

beforeAll(async () => {
  database = await openTestDatabase('postgres');
  await new OrganizationsRepository(database.client).ensureOrganization(ORGANIZATION);
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});

afterAll(async () => {
  await other.end();
  await database.close();
});

/** Makes the call while somebody else's change is not committed yet. */
async function during<T>(change: string, values: unknown[], call: () => Promise<T>): Promise<T> {
  await other.query('begin');
  await other.query(change, values);
  const outcome = call();
  outcome.catch(() => undefined);
  await expect.poll(waiting).toBe(1);
  await other.query('commit');
  return outcome;
}

async function waiting(): Promise<number> {
  const text = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return (await other.query<{ n: number }>(text)).rows[0]!.n;
}

it('counts a key that somebody else is about to make', async () => {
  const keys = new ApiKeysRepository(database.client);
  const insert = () =>
    keys.insertKey({
      organizationId: ORGANIZATION,
      name: 'x',
      scopes: ['read'],
      prefix: 'auz_x',
      hash: randomBytes(32),
      expiresAt: null,
    });
  for (let n = 1; n < MAX_KEYS; n++) {
    await insert();
  }
  const last = `insert into api_keys (organization_id, name, prefix, key_hash, scopes)
    values ($1, 'x', 'auz_x', 'x', '{read}')`;

  await expect(during(last, [ORGANIZATION], insert)).rejects.toMatchObject({ code: 'too_many_api_keys' });
});

it('keeps the owner whom somebody else is about to leave alone', async () => {
  const members = new MembersRepository(database.client);
  const [one, two] = [randomUUID(), randomUUID()];
  await members.putMember(ORGANIZATION, one, 'owner');
  await members.putMember(ORGANIZATION, two, 'owner');
  const leave = { organization_id: ORGANIZATION, user_id: one, keep_owner: true };
  const demote = () => members.putMember(ORGANIZATION, two, 'agent', { keepOwner: true });

  const outcome = during('select remove_member($1)', [leave], demote);

  await expect(outcome).rejects.toMatchObject({ code: 'last_owner' });
  expect(await members.findMember(ORGANIZATION, two)).toMatchObject({ role: 'owner' });
});

describe('rights that somebody loses at this moment', () => {
  const keys = () => new ApiKeysRepository(database.client);
  const newKey = (organizationId: string, by?: KeyMaker) => ({
    organizationId,
    name: 'x',
    scopes: ['manage'] as const,
    prefix: 'auz_x',
    hash: randomBytes(32),
    expiresAt: null,
    ...(by && { by }),
  });
  let organization: string;
  beforeEach(async () => {
    organization = `org_${randomUUID()}`;
    await new OrganizationsRepository(database.client).ensureOrganization(organization);
  });

  it('make no key: of a member who is removed', async () => {
    const userId = randomUUID();
    await new MembersRepository(database.client).putMember(organization, userId, 'owner');
    const make = () => keys().insertKey(newKey(organization, { kind: 'user', id: userId, name: userId }));
    const remove = [{ organization_id: organization, user_id: userId, keys: 'revoke' }];

    await expect(during('select remove_member($1)', remove, make)).rejects.toMatchObject({
      code: 'scope_not_held',
    });
  });

  it('make no key, and rotate none: of a key that is revoked', async () => {
    const { id, name } = await keys().insertKey(newKey(organization));
    const other = await keys().insertKey(newKey(organization));
    const by = { kind: 'api-key', id, name };
    const revoke = [{ organization_id: organization, id, keys: 'revoke' }];
    const rotation = { hash: randomBytes(32), prefix: 'auz_y', overlapSeconds: 0, expiresAt: null, by };

    const made = during('select revoke_api_key($1)', revoke, () =>
      keys().insertKey(newKey(organization, by)),
    );
    await expect(made).rejects.toMatchObject({ code: 'scope_not_held' });
    await expect(keys().rotateKey(organization, other.id, rotation)).rejects.toMatchObject({
      code: 'scope_not_held',
    });
  });

  it('take a key along that is made meanwhile', async () => {
    const { id, name } = await keys().insertKey(newKey(organization));
    const text = `select create_api_key(jsonb_build_object('organization_id', $1::text, 'name', 'x', 'prefix', 'auz_x',
      'key_hash', encode(sha256($1::text::bytea), 'base64'), 'scopes', '["manage"]'::jsonb, 'by', $2::jsonb))`;

    const left = await during(text, [organization, { kind: 'api-key', id, name }], () =>
      keys().revokeKey(organization, id),
    );

    expect(left?.revoked).toHaveLength(1);
  });
});
