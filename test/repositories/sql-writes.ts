import { parse, parsePlPgSQL } from 'libpg-query';

/** An UPDATE, DELETE, INSERT or MERGE, wherever it stands. */
export interface SqlWrite {
  /** The file, or the function. */
  where: string;
  kind: string;
  /** It has a WHERE, or needs none. */
  isBounded: boolean;
}

type Tree = Record<string, unknown>;

const WRITES = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
const FILTERED = new Set(['UpdateStmt', 'DeleteStmt']);
const WORDS = /\b(insert|update|delete|merge)\b/i;
const STATEMENT = /^\s*(alter|with|select|insert|update|delete|merge)\b/i;
const ASSIGNED = /^\s*[\w.]+\s*:?=/;
/** Types of rows that the parser of PL/pgSQL, which has no catalog, does not take: what a function returns, and variables. */
const ROWS_RETURNED = /\breturns\s+(setof\s+)?public\.\w+(\[\])?/i;
const ROW_DECLARED = /^(\s+v_\w+) pg_catalog\.\w+;/gm;

/**
 * @param file its name
 * @param script its text
 * @returns every write in it: of statements, and of the bodies of functions and `do` blocks
 * @throws Error naming what can't be parsed
 */
export async function writesOf(file: string, script: string): Promise<SqlWrite[]> {
  const writes: SqlWrite[] = [];
  const bytes = Buffer.from(script);
  const { stmts = [] } = await parse(script);
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of stmts) {
    const source = bytes.toString('utf8', from, length ? from + length : undefined);
    const tree = stmt as unknown as Tree;
    const made = (tree['CreateFunctionStmt'] ?? tree['DoStmt']) as Tree | undefined;
    if (made === undefined) {
      writes.push(...writesIn(stmt, file));
      continue;
    }
    const options = optionsOf(made);
    const name = nameOf(made) ?? `${file}, do`;
    const body = options.get('as') ?? '';
    const queries =
      options.get('language') === 'sql'
        ? [body]
        : await queriesOf(name, tree['DoStmt'] ? doBlock(body) : source);
    for (const query of queries.filter((text) => WORDS.test(text))) {
      writes.push(...writesIn(await parse(asStatement(query)), name));
    }
  }
  return writes;
}

/** What a body runs or evaluates, each as a statement. */
async function queriesOf(name: string, definition: string): Promise<string[]> {
  const plain = definition.replace(ROWS_RETURNED, 'returns $1text$2').replaceAll(ROW_DECLARED, '$1 record;');
  try {
    const plan: unknown = await parsePlPgSQL(plain);
    return [...nodes(plan)].flatMap(([key, value]) => {
      const query = key === 'PLpgSQL_expr' ? String((value as Tree)['query']) : undefined;
      return query === undefined ? [] : [query];
    });
  } catch (cause) {
    throw new Error(`the body of ${name} can't be parsed`, { cause });
  }
}

/** Conditions and assignments are no statements of their own. */
function asStatement(query: string): string {
  return STATEMENT.test(query) ? query : `select ${query.replace(ASSIGNED, '')}`;
}

function doBlock(body: string): string {
  return `create function public.block() returns void language plpgsql as $block_of_do$${body}$block_of_do$`;
}

function writesIn(tree: unknown, where: string): SqlWrite[] {
  return [...nodes(tree)]
    .filter(([kind]) => WRITES.has(kind))
    .map(([kind, value]) => ({
      where,
      kind,
      isBounded: !FILTERED.has(kind) || (value as Tree)['whereClause'] !== undefined,
    }));
}

/** Name and value of everything in a tree. */
function* nodes(tree: unknown): Generator<[string, unknown]> {
  if (typeof tree !== 'object' || tree === null) {
    return;
  }
  for (const [key, value] of Object.entries(tree)) {
    yield [key, value];
    yield* nodes(value);
  }
}

/** `language` and `as` of a definition; PL/pgSQL is what `do` takes without a word. */
function optionsOf(made: Tree): Map<string, string> {
  const list = (made['options'] ?? made['args'] ?? []) as { DefElem: { defname: string; arg?: unknown } }[];
  return new Map([
    ['language', 'plpgsql'],
    ...list.map(({ DefElem: { defname, arg } }): [string, string] => [defname, textOf(arg)]),
  ]);
}

function nameOf(made: Tree): string | undefined {
  const parts = made['funcname'] as unknown[] | undefined;
  return parts && textOf(parts.at(-1));
}

function textOf(tree: unknown): string {
  const found = [...nodes(tree)].find(([key]) => key === 'sval');
  return typeof found?.[1] === 'string' ? found[1] : '';
}
