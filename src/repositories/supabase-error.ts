import { type AppError, InvalidStateError, NotFoundError, UpstreamError } from '../common/app-error.js';
import type { Json } from '../supabase/database.types.js';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { FencedError } from './fenced-error.js';
import { ruleSentence } from './rule-sentences.js';

interface ClientError {
  code?: string | null;
  message: string;
  details?: string | null;
  hint?: string | null;
}

interface ClientResult {
  data: unknown;
  error: ClientError | null;
  status: number;
}

/** What a call gives where there is no error. */
type DataOf<Call> = Extract<Awaited<Call>, { error: null }> extends { data: infer Data } ? Data : never;

/** Classes of SQLSTATE after which nobody knows whether the call took effect, or that pass by themselves. */
const UNAVAILABLE_CLASSES = new Set(['08', '40', '53', '55', '57', '58']);
/** Integrity, names and rights, limits, and our own. */
const NAMING_CLASSES = new Set(['23', '42', '54', 'AZ']);
const UNAVAILABLE_CODES = /^PGRST00[0-3]$/;

/**
 * The one way in which repositories read a result of the client: an error is never ignored.
 *
 * @param call a supabase-js query, not yet awaited
 * @returns its data, as the query's type has it
 * @throws FencedError, NotFoundError (`AZ404`), InvalidStateError `organization_closed` (`AZ409`) or what the
 *   rule that was broken is called (`AZ410`), UpstreamError `database_unavailable`, DatabaseRejectedError
 */
export async function rowsOf<Call extends PromiseLike<ClientResult>>(call: Call): Promise<DataOf<Call>> {
  const { data, error, status } = await call;
  if (error) {
    throw translateError(error, status);
  }
  return data as DataOf<Call>;
}

/**
 * As `rowsOf`, for a function of the database.
 *
 * @param call a call of a function that answers with a JSON document
 * @returns the answer, as the type that the caller knows the function to give
 */
export async function answerOf<Answer>(call: PromiseLike<ClientResult & { data: Json }>): Promise<Answer> {
  return (await rowsOf(call)) as Answer;
}

/**
 * @param error what supabase-js reports
 * @param status HTTP status of the answer; 0 when there was none
 * @returns the error in this product's words
 */
export function translateError(error: ClientError, status: number): AppError {
  const code = error.code ?? '';
  if (code === 'AZ001') {
    return new FencedError(instanceIdsOf(error.details), error);
  }
  if (code === 'AZ404') {
    return new NotFoundError('not_found', 'The object does not exist.', { cause: error });
  }
  if (code === 'AZ409') {
    return new InvalidStateError('organization_closed', 'The organization is closed: it takes nothing new.', {
      cause: error,
    });
  }
  if (code === 'AZ410') {
    return new InvalidStateError(error.message, ruleSentence(error.message), { cause: error });
  }
  const isUnavailable =
    status === 0 ||
    status === 429 ||
    (status >= 500 && !/^[0-9A-Z]{5}$/.test(code)) ||
    UNAVAILABLE_CODES.test(code) ||
    (code.length === 5 && UNAVAILABLE_CLASSES.has(code.slice(0, 2)));
  if (isUnavailable) {
    return new UpstreamError('database_unavailable', 'The database is not available. Try again later.', {
      cause: error,
    });
  }
  return new DatabaseRejectedError(code, wordsOf(error));
}

/** What the database said, where that names tables and constraints; other messages quote values, such as message texts. */
function wordsOf({ code, message }: ClientError): string {
  return NAMING_CLASSES.has((code ?? '').slice(0, 2)) ? message : '';
}

function instanceIdsOf(details: string | null | undefined): string[] {
  try {
    const ids: unknown = JSON.parse(details ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
