import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';
import { createEmptyDatabase, serverOf, type TestStore } from '../support/databases.js';
import {
  makeProjectDatabase,
  type ProjectAge,
  type ProjectDatabase,
} from '../support/hosted/project-database.js';
import {
  findGrants,
  findPublished,
  findRelations,
  findRoutines,
  type Relation,
  type Routine,
} from './catalog.js';
import { CALLABLE, CLOSED, DEFINERS, GRANTED_BY_COLUMN, READABLE } from './exposure.js';
import { addRowsOf } from './populate.js';
import { type Caller, DENIED, type Outcome, RoleAttempts, sorted } from './role-attempts.js';

const INVALID_TEXT = '22P02';
const ALPHA = 'org-alpha';
const BETA = 'org-beta';
const CLOSED_ONE = 'org-closed';

const USERS = {
  viewer: randomUUID(),
  agent: randomUUID(),
  owner: randomUUID(),
  both: randomUUID(),
  removed: randomUUID(),
  ofClosed: randomUUID(),
  stranger: randomUUID(),
};

interface Expected extends Caller {
  /** Organizations whose rows it sees. */
  sees: readonly string[];
  /** The claims are none that a token can have: an error is as good as an empty answer. */
  isMalformed?: boolean;
}

const user = (id: string, sees: string[], more: object = {}): Expected => ({
  role: 'authenticated',
  claims: JSON.stringify({ sub: id, role: 'authenticated', ...more }),
  sees,
});
const claiming = (claims: string | undefined, isMalformed = false): Expected => ({
  role: 'authenticated',
  claims,
  sees: [],
  isMalformed,
});

const CALLERS: Record<string, Expected> = {
  'a visitor': { role: 'anon', claims: undefined, sees: [] },
  'a visitor with the claims of a member': {
    role: 'anon',
    claims: JSON.stringify({ sub: USERS.owner, role: 'anon' }),
    sees: [],
  },
  'a viewer': user(USERS.viewer, [ALPHA]),
  'an agent': user(USERS.agent, [ALPHA]),
  'an owner': user(USERS.owner, [ALPHA]),
  'a member of two organizations': user(USERS.both, [ALPHA, BETA]),
  'a user of no organization': user(USERS.stranger, []),
  'a member who was removed': user(USERS.removed, []),
  'an owner of an organization that is closed': user(USERS.ofClosed, []),
  'a user who claims more': user(USERS.stranger, [], {
    role: 'service_role',
    organization_id: ALPHA,
    app_metadata: { organization_id: ALPHA, role: 'owner' },
  }),
  'a user without claims': claiming(undefined),
  'a user with empty claims': claiming(''),
  'a user with claims of nothing': claiming('{}'),
  'a user whose subject is null': claiming('{"sub":null}'),
  'a user whose subject is empty': claiming('{"sub":""}', true),
  'a user whose subject is no uuid': claiming(`{"sub":"1' or true --"}`, true),
  'a user whose claims are no JSON': claiming('{', true),
};

function lenient(outcome: Outcome, { isMalformed }: Expected): Outcome {
  return isMalformed && outcome === INVALID_TEXT ? [] : outcome;
}

interface Place {
  kind: string;
  store: TestStore;
  /** Of a Supabase project; undefined for a plain Postgres. */
  age?: ProjectAge;
}

const PLACES: Place[] = [
  { kind: 'an empty Postgres', store: 'postgres' },
  {
    kind: 'a Supabase project made before default privileges were taken away',
    store: 'postgres-15',
    age: 'old',
  },
  { kind: 'a new Supabase project', store: 'postgres', age: 'new' },
];

describe.each(PLACES)('with a token of a user, on $kind', ({ store, age }) => {
  const isAuthOurs = age === undefined;
  let database: pg.Client;
  let opened: OpenDatabase;
  let drop: () => Promise<void>;
  let relations: Relation[];
  let routines: Routine[];
  /** The rows of each table by organization. */
  const rows: Record<string, Record<string, Record<string, unknown>[]>> = {};

  beforeAll(async () => {
    const place = await makePlace(store, age);
    drop = place.drop;
    database = new pg.Client({ connectionString: place.adminUrl });
    await database.connect();
    opened = await openDatabase({ store: { kind: 'postgres', connectionString: place.ownerUrl } });
    relations = await findRelations(database);
    routines = await findRoutines(database);
    await fill(ALPHA, [USERS.viewer, USERS.agent, USERS.owner, USERS.both, USERS.removed]);
    await fill(BETA, [USERS.both]);
    await fill(CLOSED_ONE, [USERS.both, USERS.ofClosed]);
    await database.query('update organizations set closed_at = now() where id = $1', [CLOSED_ONE]);
    await database.query('delete from organization_members where user_id = $1', [USERS.removed]);
    rows['organization_members']![ALPHA] = rows['organization_members']![ALPHA]!.filter(
      (row) => row['user_id'] !== USERS.removed,
    );
  });
  afterAll(async () => {
    await opened.close();
    await database.end();
    await drop();
  });

  /** Adds rows of an organization to every table, and remembers them as its own. */
  async function fill(organizationId: string, members: string[]): Promise<void> {
    const before = await allRows();
    await addRowsOf(database, relations, organizationId);
    for (const member of members) {
      const role = member === USERS.owner ? 'owner' : member === USERS.agent ? 'agent' : 'viewer';
      await database.query('insert into organization_members values ($1, $2, $3)', [
        organizationId,
        member,
        role,
      ]);
    }
    for (const [name, all] of Object.entries(await allRows())) {
      const known = new Set(before[name]!.map((row) => JSON.stringify(row)));
      (rows[name] ??= {})[organizationId] = all.filter((row) => !known.has(JSON.stringify(row)));
    }
  }

  async function allRows(): Promise<Record<string, Record<string, unknown>[]>> {
    const found: Record<string, Record<string, unknown>[]> = {};
    for (const { name } of relations) {
      const result = await database.query<{ row: Record<string, unknown> }>(
        `select to_jsonb(t) as row from public."${name}" t`,
      );
      found[name] = result.rows.map(({ row }) => row);
    }
    return found;
  }

  /** What a caller is to see of a table, column by column. */
  function expectedReads({ name, columns }: Relation, caller: Expected): Record<string, Outcome> {
    const readable = caller.role === 'anon' ? [] : (READABLE[name]?.split(' ') ?? []);
    const seen = caller.sees.flatMap((one) => rows[name]![one]!);
    return {
      '': readable.length === 0 ? DENIED : seen.map(() => 1),
      ...Object.fromEntries(
        columns.map((column) => [
          column.name,
          readable.includes(column.name) ? sorted(seen.map((row) => row[column.name])) : DENIED,
        ]),
      ),
    };
  }

  it('has a decision about every table, view and column, and rows of two organizations in each', () => {
    expect(relations.map(({ name }) => name)).toEqual([...Object.keys(READABLE), ...CLOSED].toSorted());
    for (const { name, columns, hasRowSecurity } of relations) {
      const unknown = (READABLE[name]?.split(' ') ?? []).filter(
        (column) => !columns.some((one) => one.name === column),
      );
      expect({ name, hasRowSecurity, unknown }).toEqual({ name, hasRowSecurity: true, unknown: [] });
      expect(rows[name]![ALPHA], name).not.toEqual([]);
      expect(rows[name]![BETA], name).not.toEqual([]);
    }
  });

  it('grants what was decided, and nothing else', async () => {
    const granted = Object.entries(READABLE).flatMap(([table, columns]) =>
      GRANTED_BY_COLUMN.includes(table)
        ? columns.split(' ').map((column) => `authenticated select on ${table}.${column}`)
        : [`authenticated select on ${table}`],
    );
    const callable = CALLABLE.authenticated.filter((name) => !name.startsWith('auth.'));

    expect((await findGrants(database)).toSorted()).toEqual(
      [
        ...granted,
        ...callable.map((name) => `authenticated execute on ${name}`),
        'anon usage on schema public',
        'authenticated usage on schema public',
        'everybody usage on schema public',
      ].toSorted(),
    );
  });

  it('publishes nothing of closed tables', async () => {
    expect((await findPublished(database)).filter((name) => CLOSED.includes(name))).toEqual([]);
  });

  it.each(Object.entries(CALLERS))('%s reads the rows of its organizations alone', async (_, caller) => {
    const expected = Object.fromEntries(relations.map((one) => [one.name, expectedReads(one, caller)]));

    const seen = await RoleAttempts.as(database, caller, async (attempts) => {
      const all: Record<string, Record<string, Outcome>> = {};
      for (const relation of relations) {
        const outcomes = Object.entries(await attempts.reads(relation));
        all[relation.name] = Object.fromEntries(outcomes.map(([name, one]) => [name, lenient(one, caller)]));
      }
      return all;
    });

    expect(seen).toEqual(expected);
  });

  it.each(Object.entries(CALLERS))('%s changes nothing', async (_, caller) => {
    const allowed = await RoleAttempts.as(database, caller, async (attempts) => {
      const found: string[] = [];
      for (const relation of relations) {
        const outcomes = Object.entries(await attempts.writes(relation));
        found.push(
          ...outcomes
            .filter(([, outcome]) => outcome !== DENIED)
            .map(([kind, outcome]) => `${kind} ${relation.name}: ${JSON.stringify(outcome)}`),
        );
      }
      return found;
    });

    expect(allowed).toEqual([]);
  });

  it.each(Object.entries(CALLERS))('%s calls no function of the service', async (_, caller) => {
    const called = await RoleAttempts.as(database, caller, async (attempts) => {
      const found: string[] = [];
      for (const routine of routines.filter(({ name }) => isAuthOurs || !name.startsWith('auth.'))) {
        if ((await attempts.call(routine)) !== DENIED) {
          found.push(routine.name);
        }
      }
      return found;
    });

    expect(called).toEqual(CALLABLE[caller.role].filter((name) => isAuthOurs || !name.startsWith('auth.')));
  });

  it.each(Object.entries(CALLERS))('%s is told its organizations', async (_, caller) => {
    const told = await RoleAttempts.as(database, caller, (attempts) =>
      attempts.attempt('select my_organizations()'),
    );

    expect(lenient(told, caller)).toEqual(caller.role === 'anon' ? DENIED : caller.sees);
  });

  it('runs functions with the rights of their caller, on names that nobody can redirect', () => {
    const ours = routines.filter(({ name }) => isAuthOurs || !name.startsWith('auth.'));

    expect(ours.filter(({ isDefiner }) => isDefiner).map(({ name }) => name)).toEqual(DEFINERS);
    expect(ours.filter(({ isBound }) => !isBound).map(({ name }) => name)).toEqual([]);
  });
});

async function makePlace(
  store: TestStore,
  age: ProjectAge | undefined,
): Promise<Pick<ProjectDatabase, 'adminUrl' | 'ownerUrl' | 'drop'>> {
  if (age !== undefined) {
    return makeProjectDatabase(serverOf(store), age);
  }
  const { url, drop } = await createEmptyDatabase(store);
  return { adminUrl: url, ownerUrl: url, drop };
}
