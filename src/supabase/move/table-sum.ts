import type { SqlExecutor } from '../sql-executor.js';
import { afterKey, keyOf, orderOf, SAME_TEXT, type TableShape } from './table-shape.js';

/** How many rows a table has, and a sum over their contents that does not depend on their order. */
export interface TableSum {
  rows: number;
  sum: bigint;
}

const ROWS_AT_ONCE = 5_000;
const TIMEOUT_MS = 120_000;

/**
 * @param side whether rows are read as they are to be at the new home, or as they are there
 * @param signal looked at between the parts
 */
export async function sumOf(
  executor: Pick<SqlExecutor, 'transaction'>,
  shape: TableShape,
  side: 'old' | 'new',
  signal: AbortSignal,
): Promise<TableSum> {
  const values = side === 'old' ? shape.moved : shape.columns.map(({ name }) => `t.${name}::text`);
  const text = `
    select count(*)::text as rows, coalesce(sum(('x' || substr(md5(t.row_text), 1, 16))::bit(64)::bigint), 0)::text as sum,
      (array_agg(t.row_key order by ${orderOf(shape, 'desc')}))[1] as last
    from (
      select json_build_array(${values.join(', ')})::text as row_text, ${keyOf(shape)} as row_key,
        ${shape.key.map(({ name }) => `t.${name}`).join(', ')}
      from ${shape.quoted} t
      where ${afterKey(shape)}
      order by ${orderOf(shape)}
      limit ${ROWS_AT_ONCE}
    ) t`;
  const total = { rows: 0, sum: 0n };
  for (let last: string | null = null, isMore = true; isMore;) {
    signal.throwIfAborted();
    const after: string | null = last;
    const part: Record<string, unknown> = await executor.transaction(
      async (runner) => {
        await runner.script(SAME_TEXT);
        return (await runner.query(text, [after])).rows[0]!;
      },
      { timeoutMs: TIMEOUT_MS },
    );
    total.rows += Number(part['rows']);
    total.sum += BigInt(String(part['sum']));
    last = part['last'] as string | null;
    isMore = Number(part['rows']) === ROWS_AT_ONCE;
  }
  return total;
}
