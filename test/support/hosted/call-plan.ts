import type { RestRequest } from '../../../src/supabase/rest-request.js';
import { quoteName } from '../../../src/supabase/rest-sql.js';
import { AnswerError, errorAnswer, UnruledError } from './answer.js';
import type { RoutineSchema } from './project-schema.js';
import type { HostedPlan } from './hosted-plan.js';

/**
 * Query/QueryBuilder.hs `callPlanToQuery`, Query/Statements.hs `mainCall`: arguments come by `json_to_record`, rows of a set
 * are cut at `max-rows`.
 * @throws AnswerError PGRST202, PGRST203
 * @throws UnruledError for what the service does not send
 */
export function planCall(
  request: RestRequest,
  rawBody: string,
  overloads: RoutineSchema[],
  maxRows: number,
): HostedPlan {
  const { name } = request.target;
  if (request.method !== 'POST') {
    throw new UnruledError(`${request.method} rpc/${name}: functions are called by POST`);
  }
  const isPlain = request.filters.length + request.order.length === 0 && request.limit === undefined;
  if (!isPlain || request.offset !== 0 || request.select !== '*' || request.columns !== undefined) {
    throw new UnruledError(`rpc/${name} with parameters in its URL`);
  }
  const { body } = request;
  const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body) : [];
  const routine = find(name, given, overloads);
  const params = given.length === 0 ? [] : [rawBody];
  const types = new Map(routine.args.map((arg) => [arg.name, arg.type]));
  const record = given.map((key) => `${quoteName(key)} ${types.get(key)!}`).join(', ');
  const source =
    given.length === 0
      ? ''
      : `(select $1::json as json_data) pgrst_payload, ` +
        `lateral (select * from json_to_record(pgrst_payload.json_data) as _(${record})) pgrst_body, lateral `;
  const list = given.map((key) => `${quoteName(key)} := pgrst_body.${quoteName(key)}`).join(', ');
  const call = `public.${quoteName(name)}(${list})`;
  const isComposite = routine.returns.endsWith('composite');
  const rows = isComposite
    ? `select pgrst_call.* from ${source}${call} pgrst_call`
    : `select pgrst_call.pgrst_scalar from ${source}(select ${call} as pgrst_scalar) pgrst_call`;
  const item = isComposite ? '_postgrest_t' : '_postgrest_t.pgrst_scalar';
  const isSet = routine.returns.startsWith('set of');
  const value = isSet ? `coalesce(json_agg(${item}), '[]')` : `coalesce(json_agg(${item})->0, 'null')`;
  return {
    text:
      `with pgrst_source as (${rows}) select null::bigint as total, ${isSet ? 'count(_postgrest_t)' : '1'} as page, ` +
      `${value}::text as body from (select * from pgrst_source limit ${maxRows} offset 0) _postgrest_t`,
    params,
    // Plan.hs, `callReadPlan`.
    mode: routine.volatility === 'volatile' ? 'read write' : 'read only',
    routine,
  };
}

/** Plan.hs, `findProc`. */
function find(name: string, given: string[], overloads: RoutineSchema[]): RoutineSchema {
  const found = overloads.filter(({ args }) => {
    const names = args.map((arg) => arg.name);
    const required = args.filter((arg) => arg.isRequired).map((arg) => arg.name);
    return given.every((key) => names.includes(key)) && required.every((key) => given.includes(key));
  });
  if (found.length === 1) {
    return found[0]!;
  }
  if (found.length > 1) {
    const list = found.map(
      ({ args }) => `public.${name}(${args.map((a) => `${a.name} => ${a.type}`).join(', ')})`,
    );
    throw new AnswerError(
      errorAnswer(
        300,
        'PGRST203',
        `Could not choose the best candidate function between: ${list.join(', ')}`,
        {
          hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
        },
      ),
    );
  }
  const sorted = given.toSorted().join(', ');
  const message = `Could not find the function public.${name}${
    given.length === 0 ? ' without parameters' : `(${sorted})`
  } in the schema cache`;
  const searched =
    given.length === 0 ? ' without parameters' : ` with parameter${given.length > 1 ? 's' : ''} ${sorted}`;
  throw new AnswerError(
    errorAnswer(404, 'PGRST202', message, {
      details: `Searched for the function public.${name}${searched} or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.`,
    }),
  );
}
