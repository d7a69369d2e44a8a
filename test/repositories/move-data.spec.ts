import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAdmin } from '../../src/cli/run-admin.js';
import { DataMove } from '../../src/supabase/move/data-move.js';
import { LEFT_TABLES, MOVED_TABLES } from '../../src/supabase/move/moved-tables.js';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';
import { createEmptyDatabase } from '../support/databases.js';
import { findRelations } from './catalog.js';
import { addRowsOf } from './populate.js';

const ORGANIZATIONS = ['org-a', 'org-b', 'org-closed'];
/** More than go in one part, by number and by size. */
const MANY = 1_300;
const FEW = 520;

type Sql = OpenDatabase['sql'];

let folder: string;
let target: Awaited<ReturnType<typeof createEmptyDatabase>>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-move-'));
  target = await createEmptyDatabase();
});
afterEach(async () => {
  await target.drop();
  await rm(folder, { recursive: true, force: true });
});

const embedded = (forMove = false) => openDatabase({ store: { kind: 'embedded', dataDir: folder }, forMove });
const postgres = (url: string, forMove = false) =>
  openDatabase({ store: { kind: 'postgres', connectionString: url }, forMove });

/** Rows in every table, of the kinds that are easily lost on the way. */
async function fill({ sql }: { sql: Sql }, many = FEW): Promise<void> {
  const query = (text: string, values: (string | null)[] = []) => sql(text, values);
  const client = { query } as unknown as pg.Client;
  const relations = await findRelations(client);
  for (const organizationId of ORGANIZATIONS) {
    await addRowsOf(client, relations, organizationId);
  }
  await sql('delete from data_moves');
  await sql('delete from nodes');
  await sql(`update organizations set closed_at = now() where id = 'org-closed'`);
  // Each after, and before, the one that took its place.
  await sql(
    `update api_keys a set replaced_by = b.id from api_keys b where b.organization_id = 'org-b' and a.organization_id <> 'org-b'`,
  );
  await sql(
    `update whatsapp_instances set lease_owner = 'old-node', lease_expires_at = now() + interval '1 hour', status = 'connected'`,
  );
  await sql(`update inbox set claimed_by = 'old-worker', claimed_until = now() + interval '1 hour'`);
  await sql(
    `insert into events (organization_id, sequence, name, payload)
       select 'org-a', 1000000 + n, 'many', jsonb_build_object('n', n, 'text', repeat('ä"\\\\', n), 'none', null, 'big', 12345678901234567890.5)
       from generate_series(1, $1::text::int) n`,
    [String(many)],
  );
  await sql(`update events set payload = 'null' where sequence = 1000001`);
  await sql(
    `insert into contacts (organization_id, phone_number, name) select 'org-a', '55119' || n, E'Zoë \\t \\\\ \\u2028 ' || n
       from generate_series(1, 20) n`,
  );
}

/** Every row of what is moved, without what is meant for the old processes. */
async function contentsOf({ sql }: { sql: Sql }): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {};
  for (const { name, emptied = [] } of MOVED_TABLES) {
    const left = emptied.map((column) => ` - '${column}'`).join('');
    const { rows } = await sql(`select (to_jsonb(t)${left})::text as row from ${name} t order by 1`);
    contents[name] = rows.map((row) => String(row['row']));
  }
  return contents;
}

async function move(environment: Record<string, string>, ...args: string[]) {
  const said: string[] = [];
  const say = (text: string) => said.push(text);
  const code = await runAdmin(
    ['move-data', ...args],
    {
      NODE_ENV: 'test',
      DATA_DIR: folder,
      SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      ...environment,
    },
    { result: say, note: say },
  );
  return { code, said: said.join('\n') };
}

it('knows every table, and moves each after what it refers to', async () => {
  const database = await openDatabase({ store: { kind: 'embedded' } });
  const { rows: tables } = await database.sql(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  const { rows: references } = await database.sql(
    `select t.relname as table, f.relname as other from pg_constraint c join pg_class t on t.oid = c.conrelid
     join pg_class f on f.oid = c.confrelid where c.contype = 'f' and c.connamespace = 'public'::regnamespace and f.oid <> t.oid`,
  );
  const moved = MOVED_TABLES.map(({ name }) => name);

  expect([...moved, ...LEFT_TABLES].toSorted()).toEqual(tables.map((row) => row['name']));
  const early = references.filter(
    (row) =>
      moved.includes(String(row['table'])) &&
      moved.indexOf(String(row['other'])) >= moved.indexOf(String(row['table'])),
  );
  expect(early).toEqual([]);
  await database.close();
});

describe('from the embedded database', () => {
  it('moves every row as it is, empties what binds to old processes, and goes on where numbers ended', async () => {
    const source = await embedded();
    await fill(source, MANY);
    const before = await contentsOf(source);
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
    const { rows: last } = await source.sql('select max(ordinal) as ordinal from messages');
    await source.close();

    const { code, said } = await move({}, '--to', target.url);

    expect({ code, said }).toMatchObject({
      code: 0,
      said: expect.stringMatching(/no number has to be linked again/),
    });
    expect(said).toMatch(new RegExp(`copying events: ${MANY + 3}/${MANY + 3} rows \\(100 %\\)`));
    const now = await postgres(target.url);
    const { audit_log: entries, ...rest } = await contentsOf(now);
    expect(rest).toEqual({ ...before, audit_log: undefined });
    expect(entries).toHaveLength(before['audit_log']!.length + 1);
    const [own] = (
      await now.sql(`select outcome, details::text as details from audit_log where action like '%move-data'`)
    ).rows;
    expect(own).toEqual({ outcome: 'done', details: expect.stringContaining('auzap_test_') as string });
    expect(
      (
        await now.sql(
          `select (select count(*) from whatsapp_instances where lease_owner is not null or lease_expires_at is not null) +
             (select count(*) from inbox where claimed_by is not null) + (select count(*) from session_writers) as bound`,
        )
      ).rows,
    ).toEqual([{ bound: 0 }]);
    const { rows: next } = await now.sql(
      `insert into messages (instance_id, organization_id, direction, content)
         select id, organization_id, 'inbound', 'next' from whatsapp_instances where organization_id = 'org-a' limit 1
         returning ordinal`,
    );
    expect(Number(next[0]!['ordinal'])).toBe(Number(last[0]!['ordinal']) + 1);
    // Rules for new rows hold again.
    await expect(
      now.sql(
        `insert into organization_members (organization_id, user_id) values ('org-closed', gen_random_uuid())`,
      ),
    ).rejects.toMatchObject({ code: /^AZ/ });
    await now.close();

    await expect(embedded()).rejects.toThrow(
      /were moved to 127\.0\.0\.1:\d+\/auzap_test_.*set DATABASE_URL to it.*delete from data_moves/,
    );
    expect(await move({}, '--to', target.url)).toMatchObject({
      code: 0,
      said: expect.stringMatching(/were moved before/),
    });
  });

  it('is refused while the service runs, and for a database with data or somebody in it', async () => {
    const source = await embedded();
    await source.sql(`insert into organizations (id) values ('org_a')`);
    expect(await move({}, '--to', target.url)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/in use by process/),
    });
    await source.close();

    const other = await postgres(target.url);
    await other.sql(
      `insert into nodes (id, kind, incarnation, expires_at) values ('n', 'api', gen_random_uuid(), now() + interval '1 hour')`,
    );
    expect(await move({}, '--to', target.url)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/A service runs on the database at --to/),
    });
    await other.sql('delete from nodes');
    await other.sql(`insert into organizations (id) values ('org_b')`);
    expect(await move({}, '--to', target.url)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/has data already \(in organizations\)/),
    });
    await other.close();
    expect(await move({}, '--to', 'mysql://x/y')).toMatchObject({
      code: 2,
      said: expect.stringMatching(/--to takes the URL of a Postgres/),
    });
    expect(await move({}, '--to', 'postgres://u:hidden-word@127.0.0.1:1/x')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^(?!.*hidden-word).*--to can't be reached/) as string,
    });

    await (await embedded()).close();
  });

  it('is given up by a start of the service on the old database', async () => {
    const source = await embedded();
    await source.sql(`insert into organizations (id) values ('org_a')`);
    await source.close();
    const old = await embedded(true);
    const now = await postgres(target.url, true);
    const ended = new AbortController();
    const quiet = {
      began: () => ended.abort(new Error('interrupted')),
      advanced: () => undefined,
      ended: () => undefined,
    };
    const places = [
      { database: old, name: 'the embedded database' },
      { database: now, name: 'new' },
    ] as const;
    await expect(new DataMove(...places, quiet, ended.signal).run()).rejects.toThrow('interrupted');
    await old.close();
    await now.close();

    const back = await embedded();
    expect((await back.sql('select * from data_moves')).rows).toEqual([]);
    await back.close();
    expect(await move({}, '--to', target.url)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/make that database empty \(drop it and create it\), and begin anew/),
    });
  });
});

describe('from a Postgres', () => {
  it('goes on after it was ended at any point, by anything', async () => {
    const home = await createEmptyDatabase();
    const old = await postgres(home.url, true);
    await fill(old);
    const now = await postgres(target.url, true);
    const quiet = { began: () => undefined, advanced: () => undefined, ended: () => undefined };
    let attempts = 0;
    let steps = 0;
    let isOver = false;
    while (!isOver) {
      attempts += 1;
      let left = 4 * attempts;
      const failing: OpenDatabase['transaction'] = (work, options) =>
        now.transaction(async (runner) => {
          const result = await work(runner);
          steps += 1;
          left -= 1;
          if (left === 0) {
            // Half of them after the rows are written, but not kept.
            throw new Error('killed');
          }
          return result;
        }, options);
      const places = [
        { database: old, name: 'old' },
        { database: { sql: now.sql, transaction: failing }, name: 'new' },
      ] as const;
      isOver = await new DataMove(...places, quiet, new AbortController().signal).run().then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ message: 'killed' });
          return false;
        },
      );
    }
    expect(attempts).toBeGreaterThan(3);
    expect(steps).toBeGreaterThan(60);
    expect(await contentsOf(now)).toEqual(await contentsOf(old));
    await expect(postgres(target.url)).rejects.toThrow(
      /are not all in this database yet: run npm run admin -- move-data again/,
    );
    await old.close();
    await now.close();

    expect(await move({ DATABASE_URL: home.url }, '--to', target.url)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/A move to new was begun/),
    });
    await home.drop();
  });

  it('tells of rows that are not the same', async () => {
    const home = await createEmptyDatabase();
    const old = await postgres(home.url, true);
    await fill(old);
    const now = await postgres(target.url, true);
    let isSpoilt = false;
    const spoiling = {
      began: (title: string) => {
        isSpoilt ||= title === 'comparing organizations';
      },
      advanced: () => undefined,
      ended: () => undefined,
    };
    const sql: Sql = async (text, params, options) => {
      if (isSpoilt) {
        await now.sql(`update contacts set name = 'x' where phone_number = '551191'`);
      }
      return now.sql(text, params, options);
    };
    const transaction: OpenDatabase['transaction'] = async (work, options) => {
      if (isSpoilt) {
        await now.sql(`update contacts set name = 'x' where phone_number = '551191'`);
      }
      return now.transaction(work, options);
    };
    const places = [
      { database: old, name: 'old' },
      { database: { sql, transaction }, name: 'new' },
    ] as const;

    await expect(new DataMove(...places, spoiling, new AbortController().signal).run()).rejects.toThrow(
      /^contacts differs: 23 rows at the old home, 23 at the new one, with other contents/,
    );

    await old.close();
    await now.close();
    await home.drop();
  });

  it('moves through poolers, and waits for processes to end', async () => {
    const home = await createEmptyDatabase('pgbouncer');
    const source = await postgres(home.url);
    await fill(source);
    const before = await contentsOf(source);
    await source.sql(
      `insert into nodes (id, kind, incarnation, expires_at) values ('api-1', 'api', gen_random_uuid(), now() + interval '1 hour')`,
    );
    await source.close();
    const environment = { DATABASE_URL: home.url };

    expect(await move(environment, '--to', target.url)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/use the old database: api-1\. Stop them all/),
    });
    const meanwhile = await postgres(home.url);
    await meanwhile.sql('delete from nodes');
    await meanwhile.close();
    expect(await move({}, '--from', home.url, '--to', target.url)).toMatchObject({ code: 0 });

    const now = await postgres(target.url);
    const after = await contentsOf(now);
    expect({ ...after, audit_log: [] }).toEqual({ ...before, audit_log: [] });
    await now.close();
    await expect(postgres(home.url)).rejects.toMatchObject({ name: 'DatabaseMovedError' });
    expect(await move(environment, '--to', home.url)).toMatchObject({ code: 1 });
    await home.drop();
  });
});
