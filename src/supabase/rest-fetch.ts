import { RestError, toRestError, unsupported } from './rest-error.js';
import { planTable, type RestPlan } from './rest-plan.js';
import { parseRequest, type RestRequest } from './rest-request.js';
import { checkSingular, type RestOutcome, toErrorResponse, toResponse } from './rest-response.js';
import { SchemaCache } from './schema-cache.js';
import type { SqlExecutor, SqlRunner } from './sql-executor.js';

/**
 * @param executor the database
 * @returns a `fetch` that serves the REST subset in this process, the tables alone, as PostgREST would for the service role; it
 *   rejects only when the caller's signal was aborted
 */
export function createRestFetch(executor: SqlExecutor): typeof fetch {
  const schema = new SchemaCache(executor);
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init.signal ?? undefined;
    try {
      const request = parseRequest(url, {
        method: init.method ?? 'GET',
        headers: new Headers(init.headers),
        body: typeof init.body === 'string' ? init.body : undefined,
      });
      const plan = await planOf(request, schema);
      return toResponse(request, await execute(executor, request, plan, signal));
    } catch (error) {
      if (signal?.aborted) {
        throw signal.reason;
      }
      return toErrorResponse(toRestError(error));
    }
  };
}

async function planOf(request: RestRequest, schema: SchemaCache): Promise<RestPlan> {
  const { kind, name } = request.target;
  if (kind === 'function') {
    // They go over the driver: `function-calls.ts`.
    throw unsupported('calling a function');
  }
  const table = await schema.findTable(name);
  if (!table) {
    throw new RestError(404, 'PGRST205', `Could not find the table 'public.${name}' in the schema cache`);
  }
  return planTable(request, table);
}

async function execute(
  executor: SqlExecutor,
  request: RestRequest,
  plan: RestPlan,
  signal: AbortSignal | undefined,
): Promise<RestOutcome> {
  if (plan.isWrite && request.wantsOneObject) {
    // The wrong number of rows must undo the write.
    return executor.transaction((runner) => run(runner, request, plan), { signal });
  }
  const runner: Pick<SqlRunner, 'query'> = {
    query: (text, params) => executor.query(text, params, { signal }),
  };
  return run(runner, request, plan);
}

async function run(
  runner: Pick<SqlRunner, 'query'>,
  request: RestRequest,
  plan: RestPlan,
): Promise<RestOutcome> {
  const { rows } = await runner.query(plan.text, plan.params);
  const row = rows[0] ?? {};
  const outcome: RestOutcome = {
    body: String(row['body']),
    page: Number(row['page']),
    total: row['total'] === null ? null : Number(row['total']),
  };
  checkSingular(request, outcome);
  return outcome;
}
