import { RestError, unsupported } from './rest-error.js';
import type { RestPlan } from './rest-plan.js';
import { refuse, type RestRequest } from './rest-request.js';
import { quoteName } from './rest-sql.js';
import type { FunctionSchema } from './schema-cache.js';

/** @throws RestError PGRST202 when no function takes these arguments */
export function planFunction(request: RestRequest, functions: FunctionSchema[]): RestPlan {
  refuse(request, { filters: true, order: true, page: true });
  if (request.method !== 'POST') {
    throw unsupported('calling a function by anything but POST');
  }
  const args = (request.body ?? {}) as Record<string, unknown>;
  const given = Object.keys(args);
  const found = functions.find(
    ({ args: known, required }) =>
      given.every((name) => known.has(name)) &&
      [...known.keys()].slice(0, required).every((name) => name in args),
  );
  if (!found) {
    const list = given.join(', ');
    throw new RestError(
      404,
      'PGRST202',
      `Could not find the function public.${request.target.name}(${list}) in the schema cache`,
      { details: `Searched for the function with ${given.length} parameters, but no matches were found.` },
    );
  }
  const params: (string | null)[] = [];
  const list = given.map((name) => {
    params.push(argumentText(args[name]));
    return `${quoteName(name)} => cast($${params.length}::text as ${found.args.get(name)!})`;
  });
  const call = `public.${quoteName(found.name)}(${list.join(', ')})`;
  const text = found.returnsSet
    ? `select coalesce(json_agg(r), '[]')::text as body, count(*) as page, null::bigint as total from ${call} as r`
    : `select coalesce(to_json(r.value)::text, 'null') as body, 1 as page, null::bigint as total
         from (select ${call} as value) as r`;
  const discarded = `select 'null' as body, 0 as page, null::bigint as total from (select ${call}) as r`;
  return { text: found.returnsVoid ? discarded : text, params, isWrite: true };
}

/** Objects and arrays go as JSON, everything else as Postgres reads it. */
function argumentText(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
