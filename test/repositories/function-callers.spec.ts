import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statementsOf } from '../support/sql-statements.js';

const ROOT = join(import.meta.dirname, '../..');
/** Written from the schema itself. */
const TYPES = 'supabase/database.types.ts';
const DEFINES = /^create or replace function public\.(\w+)/;
/** Called by none of this version. */
const OF_OTHERS = new Map([
  ['read_node_answer', 'by processes of release 0.1, which go on beside the first ones of this version'],
]);
/** A name of which a part is one of several words. */
const COMPOSED = /`(\w+_)\$\{\w+\}`/g;
/** Says who may call something, or what it is. */
const NO_CALL = /^(grant|revoke|comment on|drop)\b/;
const COMMENTS = /--[^\n]*/g;

/**
 * @param scripts of the schema
 * @param sources of the service
 * @returns the functions that nothing calls but themselves, and how many there are
 */
function uncalled(scripts: string[], sources: string[]): { all: number; uncalled: string[] } {
  const statements = scripts
    .flatMap(statementsOf)
    .map((statement) => statement.replace(COMMENTS, '').trim())
    .filter((statement) => !NO_CALL.test(statement));
  const names = statements.flatMap((statement) => DEFINES.exec(statement)?.[1] ?? []);
  const source = sources.join('\n');
  const beginnings = [...source.matchAll(COMPOSED)].map(([, beginning]) => beginning!);
  const isNamed = (name: string) =>
    source.includes(`'${name}'`) ||
    beginnings.some((one) => name.startsWith(one) && source.includes(`'${name.slice(one.length)}'`));
  const isCalled = (name: string) =>
    isNamed(name) ||
    statements.some(
      (statement) =>
        DEFINES.exec(statement)?.[1] !== name && new RegExp(`\\bpublic\\.${name}\\(`).test(statement),
    );
  return { all: names.length, uncalled: names.filter((name) => !isCalled(name)) };
}

async function textsOf(folder: string, ending: string): Promise<string[]> {
  const names = (await readdir(join(ROOT, folder), { recursive: true })).filter(
    (name) => name.endsWith(ending) && !name.endsWith('.spec.ts') && join(folder, name) !== `src/${TYPES}`,
  );
  return Promise.all(names.map((name) => readFile(join(ROOT, folder, name), 'utf8')));
}

describe('functions of the schema', () => {
  it('all have a caller, in the service, in the schema, or named here', async () => {
    const found = uncalled(await textsOf('supabase/schema', '.sql'), await textsOf('src', '.ts'));

    expect(found.all).toBeGreaterThan(100);
    expect(found.uncalled).toEqual([...OF_OTHERS.keys()]);
  });

  it('have none in their own body, a comment or a grant', () => {
    const script = `
      create or replace function public.alone() returns int language sql as $$ select public.alone() $$;
      grant execute on function public.alone() to service_role;
      create or replace function public.helper() returns int language sql as $$ select 1 -- as public.alone() $$;
      create or replace function public.entry() returns int language sql as $$ select public.helper() $$;`;

    expect(uncalled([script], [`client.rpc('entry', {})`])).toEqual({ all: 3, uncalled: ['alone'] });
  });

  it('may have one that puts their names together', () => {
    const script = `create or replace function public.stale_keys() returns int language sql as $$ select 1 $$;`;

    expect(uncalled([script], ['call(`stale_${kind}`)', "const KINDS = ['keys']"]).uncalled).toEqual([]);
    expect(uncalled([script], ['call(`stale_${kind}`)', "const KINDS = ['bodies']"]).uncalled).toEqual([
      'stale_keys',
    ]);
  });
});
