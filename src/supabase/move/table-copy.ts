import type { SqlExecutor, SqlRunner } from '../sql-executor.js';
import { afterKey, keyOf, orderOf, SAME_TEXT, type TableShape } from './table-shape.js';

/** How far a table is; stored with the rows themselves, so that nothing is lost or written twice when a move goes on. */
export interface TableProgress {
  /** Of the last row that is there, as a JSON array. */
  key: string | null;
  rows: number;
  /** Also what refers to the table itself. */
  isDone: boolean;
}

const ROWS_AT_ONCE = 500;
const BYTES_AT_ONCE = 4_000_000;
const TIMEOUT_MS = 120_000;

interface Part {
  rows: string[];
  last: string | null;
}

/** Where the rows go, and where it is noted with them. */
export interface Destination {
  transaction: SqlExecutor['transaction'];
  /** Runs in the transaction of the rows. @throws Error where somebody else has gone on meanwhile */
  note(runner: SqlRunner, table: string, progress: TableProgress): Promise<void>;
}

/**
 * Copies what is missing of a table, in parts of bounded size, each with its note in one transaction.
 *
 * @param told how many rows are there, after each part
 * @param signal looked at between the parts
 */
export async function copyTable(
  source: Pick<SqlExecutor, 'transaction'>,
  destination: Destination,
  shape: TableShape,
  begun: TableProgress,
  told: (rows: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let progress = begun;
  while (!progress.isDone) {
    signal.throwIfAborted();
    const part = await readPart(source, shape, shape.movedFirst, progress.key);
    const next: TableProgress =
      part.last === null
        ? { ...progress, isDone: true }
        : { key: part.last, rows: progress.rows + part.rows.length, isDone: false };
    if (next.isDone) {
      await setLateColumns(source, destination, shape, signal);
    }
    const sequences = next.isDone ? await readSequences(source, shape) : [];
    await destination.transaction(
      async (runner) => {
        await destination.note(runner, shape.name, next);
        await write(runner, shape, insertOf(shape), part.rows);
        for (const { sequence, last, isCalled } of sequences) {
          await runner.query('select setval($1::text::regclass, $2::text::bigint, $3::text::boolean)', [
            sequence,
            last,
            isCalled,
          ]);
        }
        if (next.isDone) {
          await runner.script(`analyze ${shape.quoted}`);
        }
      },
      { timeoutMs: TIMEOUT_MS },
    );
    progress = next;
    told(progress.rows);
  }
}

function readPart(
  source: Pick<SqlExecutor, 'transaction'>,
  shape: TableShape,
  values: string[],
  after: string | null,
  condition = 'true',
): Promise<Part> {
  // The first row always, and more of them while they are small.
  const text = `
    select w.row_text, w.row_key from (
      select t.*, sum(octet_length(t.row_text)) over (order by ${orderOf(shape)}) - octet_length(t.row_text) as bytes_before
      from (
        select json_build_array(${values.join(', ')})::text as row_text, ${keyOf(shape)} as row_key,
          ${shape.key.map(({ name }) => `t.${name}`).join(', ')}
        from ${shape.quoted} t
        where ${afterKey(shape)} and ${condition}
        order by ${orderOf(shape)}
        limit ${ROWS_AT_ONCE}
      ) t
    ) w
    where w.bytes_before < ${BYTES_AT_ONCE}
    order by w.bytes_before`;
  return source.transaction(
    async (runner) => {
      await runner.script(SAME_TEXT);
      const { rows } = await runner.query(text, [after]);
      return {
        rows: rows.map((row) => String(row['row_text'])),
        last: rows.length === 0 ? null : String(rows.at(-1)!['row_key']),
      };
    },
    { timeoutMs: TIMEOUT_MS },
  );
}

/** Setting them once more changes nothing, so nobody has to know how far this is. */
async function setLateColumns(
  source: Pick<SqlExecutor, 'transaction'>,
  destination: Destination,
  shape: TableShape,
  signal: AbortSignal,
): Promise<void> {
  if (shape.late.length === 0) {
    return;
  }
  const isSet = `(${shape.late.map((name) => `t.${name} is not null`).join(' or ')})`;
  for (let after: string | null = null, isMore = true; isMore;) {
    signal.throwIfAborted();
    const part: Part = await readPart(source, shape, shape.moved, after, isSet);
    await destination.transaction((runner) => write(runner, shape, lateUpdateOf(shape), part.rows), {
      timeoutMs: TIMEOUT_MS,
    });
    after = part.last;
    isMore = after !== null;
  }
}

/** Rules for new rows do not concern old ones: a closed organization has its instances all the same. */
async function write(runner: SqlRunner, shape: TableShape, text: string, rows: string[]): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  await runner.script(`${SAME_TEXT}; alter table ${shape.quoted} disable trigger user`);
  const { rowCount } = await runner.query(text, [`[${rows.join(',')}]`]);
  await runner.script(`alter table ${shape.quoted} enable trigger user`);
  if (rowCount !== rows.length) {
    throw new Error(`${rowCount} of ${rows.length} rows of ${shape.name} were written`);
  }
}

function valuesOf(shape: TableShape): string[] {
  return shape.columns.map(({ type }, place) => `cast(r ->> ${place} as ${type})`);
}

function insertOf(shape: TableShape): string {
  const names = shape.columns.map(({ name }) => name).join(', ');
  return `insert into ${shape.quoted} (${names}) overriding system value
    select ${valuesOf(shape).join(', ')} from json_array_elements($1::text::json) r`;
}

function lateUpdateOf(shape: TableShape): string {
  const values = new Map(shape.columns.map(({ name }, place) => [name, valuesOf(shape)[place]!]));
  const set = shape.late.map((name) => `${name} = ${values.get(name)}`);
  const isIt = shape.key.map(({ name }) => `t.${name} = ${values.get(name)}`);
  return `update ${shape.quoted} t set ${set.join(', ')} from json_array_elements($1::text::json) r where ${isIt.join(' and ')}`;
}

interface SequenceState {
  sequence: string;
  last: string;
  isCalled: string;
}

async function readSequences(
  source: Pick<SqlExecutor, 'transaction'>,
  shape: TableShape,
): Promise<SequenceState[]> {
  return source.transaction(async (runner) => {
    const states: SequenceState[] = [];
    for (const sequence of shape.sequences) {
      // The name comes from the catalog, quoted.
      const { rows } = await runner.query(
        `select last_value::text as last, is_called::text as is_called from ${sequence}`,
      );
      states.push({ sequence, last: String(rows[0]!['last']), isCalled: String(rows[0]!['is_called']) });
    }
    return states;
  });
}
