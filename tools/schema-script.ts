/** A file of `supabase/schema`. */
export interface SchemaFile {
  name: string;
  sql: string;
}

/** What the schema makes in `public` under names of its own. */
export interface SchemaNames {
  relations: string[];
  functions: string[];
}

const HEAD = '-- Written by `npm run schema` from supabase/schema: do not edit.\n';
const RELATIONS =
  /^ *(?:create table if not exists public\.|create (?:unique )?index if not exists |create type public\.|revoke all on sequence public\.)(\w+)/gm;
const FUNCTIONS = /^create or replace function public\.(\w+)\(/gm;
const WIDTH = 110;

/**
 * @param files of the schema, in their order
 * @returns the names of its tables, indexes, sequences and types, and of its functions
 * @throws Error naming what is defined twice
 */
export function namesOf(files: SchemaFile[]): SchemaNames {
  const found = (pattern: RegExp) =>
    files.flatMap(({ sql }) => [...sql.matchAll(pattern)].map(([, name]) => name!));
  const names = { relations: found(RELATIONS), functions: found(FUNCTIONS) };
  for (const kind of Object.values(names)) {
    const twice = kind.filter((name, index) => kind.indexOf(name) !== index);
    if (twice.length > 0) {
      throw new Error(`defined more than once in supabase/schema: ${twice.join(', ')}`);
    }
    kind.sort();
  }
  return names;
}

/**
 * @param preflight the file that refuses databases in which a name is taken
 * @param names of the whole schema
 * @returns the file with these names in it
 * @throws Error where it has no place for them
 */
export function withNames(preflight: string, names: SchemaNames): string {
  return Object.entries(names).reduce((text, [kind, list]) => {
    const place = new RegExp(`(v_${kind} constant text\\[\\] := string_to_array\\()[^)]*\\)`);
    if (!place.test(text)) {
      throw new Error(`the preflight has no list v_${kind}`);
    }
    return text.replace(place, `$1${quoted(list)}, ' ')`);
  }, preflight);
}

/** @returns the migration that makes the whole schema */
export function baselineOf(files: SchemaFile[]): string {
  return [HEAD, ...files.map(({ name, sql }) => `-- ${name}\n\n${sql}`)].join('\n');
}

/** A long string constant of SQL: parts that follow each other on lines of their own are one. */
function quoted(words: string[]): string {
  const lines = [''];
  for (const word of words) {
    if (lines.at(-1)!.length + word.length > WIDTH) {
      lines.push('');
    }
    lines[lines.length - 1] += `${word} `;
  }
  const last = lines.pop()!.trimEnd();
  return [...lines, last].map((line) => `\n    '${line}'`).join('');
}
