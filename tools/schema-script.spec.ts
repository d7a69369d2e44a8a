import { describe, expect, it } from 'vitest';
import { migrationOf, namesOf, withNames } from './schema-script.js';

const FILE = {
  name: '10_things.sql',
  sql: `create table if not exists public.things (id int);
create unique index if not exists idx_things on public.things (id);
revoke all on sequence public.things_id_seq from public, anon, authenticated;
do $$ begin
    create type public.kind as enum ('a');
end $$;
create or replace function public.count_things(p jsonb) returns jsonb
`,
};

describe('the script of the schema', () => {
  it('names what it makes', () => {
    expect(namesOf([FILE])).toEqual({
      relations: ['idx_things', 'kind', 'things', 'things_id_seq'],
      functions: ['count_things'],
    });
  });

  it('makes each thing once', () => {
    expect(() => namesOf([FILE, { name: '11_more.sql', sql: FILE.sql.split('\n')[5]! }])).not.toThrow();
    expect(() => namesOf([FILE, { ...FILE, name: '11_more.sql' }])).toThrow(
      /defined more than once in supabase\/schema: .*things/,
    );
  });

  it('tells the preflight which names are its own, in lines that can be read', () => {
    const preflight = `  v_relations constant text[] := string_to_array('old', ' ');
  v_functions constant text[] := string_to_array(
    'old '
    'older', ' ');`;
    const relations = Array.from({ length: 12 }, (_, index) => `a_rather_long_name_${index}`);

    const text = withNames(preflight, { relations, functions: ['count_things'] });

    expect(text).toContain("string_to_array(\n    'count_things', ' ');");
    expect(text).not.toContain('old');
    expect(text.split('\n').every((line) => line.length <= 120)).toBe(true);
    expect([...text.matchAll(/a_rather_long_name_\d+/g)].map(([name]) => name)).toEqual(relations);
    expect(withNames(text, { relations, functions: ['count_things'] })).toBe(text);
    expect(() => withNames('', { relations, functions: [] })).toThrow(
      'the preflight has no list v_relations',
    );
  });

  it('gives a later migration what no earlier one made as it is now', () => {
    const baseline = FILE.sql.replace('returns jsonb\n', () => 'returns jsonb as $$ 1; $$;\n');
    const changed = [
      { name: '10_things.sql', sql: baseline.replace('(id int)', '(id int, more int)').replace('1;', '2;') },
      { name: '11_more.sql', sql: '-- Another one.\ncreate table if not exists public.more (id int);\n' },
    ];
    const byHand = 'alter table public.things add column if not exists more int;\n';

    const text = migrationOf(changed, [baseline], byHand);

    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      byHand.trimEnd(),
      expect.stringContaining('written by `npm run schema`'),
      '-- 10_things.sql',
      'create or replace function public.count_things(p jsonb) returns jsonb as $$ 2; $$;',
      '-- 11_more.sql',
      '-- Another one.',
      'create table if not exists public.more (id int);',
    ]);
    expect(migrationOf(changed, [baseline], text)).toBe(text);
    expect(migrationOf([{ name: '10_things.sql', sql: baseline }], [baseline, text], '')).toContain(
      '$$ 1; $$',
    );
    expect(migrationOf([{ name: '10_things.sql', sql: baseline }], [baseline], '')).not.toContain(
      '10_things',
    );
  });

  it('drops a policy before it is made anew', () => {
    const policy = (test: string) => ({
      name: '10_things.sql',
      sql: `drop policy if exists p on public.things;\ncreate policy p on public.things using (${test});\n`,
    });

    expect(migrationOf([policy('id > 1')], [policy('id > 2').sql], '')).toContain(
      policy('id > 1').sql.split('\n')[0],
    );
  });
});
