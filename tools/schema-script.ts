import { statementsOf } from '../test/support/sql-statements.js';

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

const MARK = '-- What follows is written by `npm run schema` from supabase/schema: do not edit.\n';
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

/**
 * @param files of the schema, in their order
 * @param earlier the migrations before this one, in their order
 * @param migration as it is; what is written by hand, for what exists already (`alter`, `drop`), stands before the mark
 * @returns it with the statements of the schema that no earlier migration leaves as they are now
 */
export function migrationOf(files: SchemaFile[], earlier: string[], migration: string): string {
  const made = new Map(earlier.flatMap(statementsOf).map((statement) => [subjectOf(statement), statement]));
  const isNew = (statement: string) => {
    const before = made.get(subjectOf(statement));
    const isTable = bare(statement).startsWith('create table ');
    return before === undefined || (!isTable && bare(before) !== bare(statement));
  };
  const parts = files.map(({ name, sql }) => {
    const statements = statementsOf(sql);
    const fresh = statements.filter(
      (statement, index) =>
        isNew(statement) ||
        (bare(statement).startsWith('drop policy ') && isNew(statements[index + 1] ?? statement)),
    );
    return fresh.length === 0 ? '' : `\n-- ${name}\n\n${fresh.join('\n\n')}\n`;
  });
  return [migration.split(MARK)[0]!.trimEnd(), '', MARK].join('\n').trimStart() + parts.join('');
}

/** What a statement is about: a later one about the same takes its place. */
function subjectOf(statement: string): string {
  const text = bare(statement);
  return (
    /^(?:create or replace function [^]*?\breturns\b|create table if not exists \S+|do \$\$[^]*?;)/.exec(
      text,
    )?.[0] ?? text
  );
}

function bare(statement: string): string {
  return statement.replace(/^(?:--[^\n]*\n\s*)+/, '');
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
