import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
