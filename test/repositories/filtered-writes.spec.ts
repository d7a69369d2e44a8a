import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModule } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { writesOf } from './sql-writes.js';

const SUPABASE = join(import.meta.dirname, '../../supabase');

beforeAll(() => loadModule());

async function scripts(): Promise<[string, string][]> {
  const files: [string, string][] = [];
  for (const folder of ['schema', 'upgrade']) {
    for (const name of await readdir(join(SUPABASE, folder))) {
      files.push([`${folder}/${name}`, await readFile(join(SUPABASE, folder, name), 'utf8')]);
    }
  }
  return files;
}

const unbounded = async (file: string, script: string) =>
  (await writesOf(file, script))
    .filter(({ isBounded }) => !isBounded)
    .map(({ where, kind }) => `${kind} in ${where}`);

// Supabase loads `safeupdate` for its REST roles, which refuses them:
// https://supabase.com/docs/guides/database/extensions/safeupdate.
describe('an UPDATE or DELETE without WHERE', () => {
  it('stands nowhere in the schema', async () => {
    let writes = 0;
    const found: string[] = [];
    for (const [file, script] of await scripts()) {
      writes += (await writesOf(file, script)).length;
      found.push(...(await unbounded(file, script)));
    }

    expect(writes).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  it.each([
    ['a statement', 'delete from public.nodes;'],
    [
      'a function in SQL',
      `create function public.f() returns void language sql as $$ update public.nodes set a = 1 $$;`,
    ],
    [
      'a function in PL/pgSQL',
      'create function public.f() returns public.nodes[] language plpgsql as $$ begin if true then delete from public.nodes; end if; return null; end $$;',
    ],
    [
      'a query of a function, behind a name with an accent',
      `comment on table public.nodes is 'Nós';
       create function public.f() returns setof public.nodes language plpgsql as $$
       begin return query with gone as (delete from public.nodes returning *) select * from gone; end $$;`,
    ],
    [
      'a loop',
      'do $$ declare r record; begin for r in update public.nodes set a = 1 returning * loop null; end loop; end $$;',
    ],
  ])('is found in %s', async (_, script) => {
    expect(await unbounded('planted.sql', script)).toHaveLength(1);
  });

  it('is told from one with a WHERE', async () => {
    const script = `do $$ begin delete from public.nodes where id = 'a'; insert into public.nodes values (1); end $$;`;

    expect(await writesOf('good.sql', script)).toMatchObject([
      { kind: 'DeleteStmt', isBounded: true },
      { kind: 'InsertStmt', isBounded: true },
    ]);
  });
});
