import { toRestError } from './rest-error.js';
import { quoteName } from './rest-sql.js';
import type { SqlExecutor } from './sql-executor.js';
import type { DatabaseClient, FunctionAnswer, FunctionError, RowsFunction } from './supabase-client.js';

/** PostgREST's word for a function that it does not know: its schema may be older than the caller, or newer. */
const UNKNOWN_FUNCTION = 'PGRST202';
const UNDEFINED_FUNCTION = '42883';
/** All that answer with rows. */
const WITH_ROWS: Readonly<Record<RowsFunction, true>> = { count_rows: true, stored_outbound: true };

/**
 * Calls functions over the driver, with nothing in between: one prepared statement for each function, and the answer parsed
 * once. What comes of a call is what supabase-js would say of it, errors included.
 *
 * @param executor the database
 * @param timeoutMs bound of every call, the wait for a connection included
 * @returns calls a function; it never rejects
 */
export function functionCalls(
  executor: Pick<SqlExecutor, 'query'>,
  timeoutMs: number,
): DatabaseClient['rpc'] {
  return async (name, { p }) => {
    const limit = new AbortController();
    const { signal } = limit;
    const timer = setTimeout(() => limit.abort(tooLate()), timeoutMs).unref();
    try {
      const { rows } = await executor.query(textOf(name), [JSON.stringify(p)], { signal, statement: name });
      return { data: (rows[0]?.['value'] ?? null) as FunctionAnswer['data'], error: null, status: 200 };
    } catch (error) {
      if (signal.aborted) {
        return unanswered(signal.reason as Error);
      }
      const { status, body } = toRestError(error);
      return body.code === UNDEFINED_FUNCTION && (await isMissing(executor, name, signal))
        ? { data: null, error: { ...body, code: UNKNOWN_FUNCTION }, status }
        : { data: null, error: body, status };
    } finally {
      clearTimeout(timer);
    }
  };
}

function textOf(name: string): string {
  const call = `public.${quoteName(name)}($1::jsonb)`;
  return Object.hasOwn(WITH_ROWS, name)
    ? `select coalesce(json_agg(r), '[]') as value from ${call} as r`
    : `select ${call} as value`;
}

/** As supabase-js says it of a call that was given up. */
function unanswered({ name, message }: Error): FunctionAnswer {
  const error: FunctionError = { code: '', message: `${name}: ${message}`, details: '', hint: '' };
  return { data: null, error, status: 0 };
}

/** Whether it is the function itself that is not there, and not one that it calls. */
async function isMissing(
  executor: Pick<SqlExecutor, 'query'>,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const question = 'select to_regprocedure($1::text) is null as is_missing';
  try {
    const { rows } = await executor.query(question, [`public.${quoteName(name)}(jsonb)`], { signal });
    return rows[0]?.['is_missing'] === true;
  } catch {
    return false;
  }
}

function tooLate(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}
