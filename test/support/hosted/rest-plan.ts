import { RestError } from '../../../src/supabase/rest-error.js';
import { planTable } from '../../../src/supabase/rest-plan.js';
import type { RestRequest } from '../../../src/supabase/rest-request.js';
import { AnswerError, errorAnswer, UnruledError } from './answer.js';
import { planCall } from './call-plan.js';
import type { HostedPlan } from './hosted-plan.js';
import type { ProjectSchema } from './project-schema.js';

/** In the message of what src/supabase has no words for. */
const UNKNOWN_TO_PLANNER = 'is not part of the in-process REST subset';

/**
 * @param request as parsed
 * @param rawBody what a call hands to `json_to_record`
 * @param maxRows https://docs.postgrest.org/en/stable/references/configuration.html#db-max-rows
 * @throws AnswerError PGRST…
 * @throws UnruledError for what the stand-in does not know
 */
export function planRequest(
  request: RestRequest,
  rawBody: string,
  schema: ProjectSchema,
  maxRows: number,
): HostedPlan {
  const { kind, name } = request.target;
  if (kind === 'function') {
    return planCall(request, rawBody, schema.routines.get(name) ?? [], maxRows);
  }
  const table = schema.tables.get(name);
  if (table === undefined) {
    const message = `Could not find the table 'public.${name}' in the schema cache`;
    throw new AnswerError(errorAnswer(404, 'PGRST205', message));
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if ((request.method === 'PATCH' || request.method === 'DELETE') && request.filters.length === 0) {
    // A project refuses it (pg-safeupdate, 21000); the service must not even try.
    throw new UnruledError(`${request.method} ${name} without a filter`);
  }
  if (request.method === 'POST') {
    checkKeys(request);
  }
  // Plan.hs, `treeRestrictRange`: reads are cut silently, writes are not.
  const limited = isRead ? { ...request, limit: Math.min(request.limit ?? maxRows, maxRows) } : request;
  const { text, params } = orUnruled(() => planTable(limited, table));
  return { text, params, mode: isRead ? 'read only' : 'read write', routine: undefined };
}

/** @throws UnruledError in place of the planner's own words for what it does not know */
export function orUnruled<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RestError) {
      if (error.message.includes(UNKNOWN_TO_PLANNER) || error.body.code === '21000') {
        throw new UnruledError(error.message.replace(` ${UNKNOWN_TO_PLANNER}`, ''));
      }
      const { code, message, details, hint } = error.body;
      throw new AnswerError(errorAnswer(error.status, code, message, { details, hint }));
    }
    throw error;
  }
}

/** ApiRequest/Payload.hs, `payloadAttributes`: without `columns` all objects of a list have the same keys. */
function checkKeys({ body, columns }: RestRequest): void {
  if (columns !== undefined || !Array.isArray(body)) {
    return;
  }
  const keys = body.map((row: unknown) => JSON.stringify(Object.keys(row ?? {}).sort()));
  if (new Set(keys).size > 1) {
    throw new AnswerError(errorAnswer(400, 'PGRST102', 'All object keys must match'));
  }
}
