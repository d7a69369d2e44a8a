import { AppError } from '../common/app-error.js';
import { isErrorCode } from '../common/errors/catalogue.js';
import { UnlistedError, type UnlistedMeaning } from '../common/errors/unlisted-error.js';
import type { Json } from '../supabase/database.types.js';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { DatabaseUnavailableError } from './database-unavailable-error.js';
import { FencedError } from './fenced-error.js';
import { isSqlState } from './sql-state.js';

/** As it comes: what a gateway puts in its place may have any shape. */
interface ClientError {
  code?: unknown;
  message?: unknown;
  details?: unknown;
  hint?: unknown;
}

interface ClientResult {
  data: unknown;
  error: ClientError | null;
  status: number;
}

/** Classes of SQLSTATE after which it is not known whether the call took effect, or that pass by themselves. */
const UNAVAILABLE_CLASSES = new Set(['08', '40', '53', '55', '57', '58']);
/** A standby, or a database that was set to read only: it will take writes again. */
const READ_ONLY = '25006';
/** PostgREST's own verdicts, about the request itself; the one about the schemas it serves is about its configuration. */
const REQUEST_VERDICT = /^PGRST1(?!06)\d\d$/;
/** Integrity, names and rights, limits, and our own. */
const NAMING_CLASSES = new Set(['23', '42', '54', 'AZ']);
/** Whole pages of a gateway come as the message. */
const MAX_WORDS = 300;

/** SQLSTATEs by which the database says that a rule would be broken, or that something is not the caller's to give. */
type RuleState = 'AZ410' | 'AZ403';

/** What a rule means that only a newer database knows. */
const NEWER_RULES: Readonly<Record<RuleState, UnlistedMeaning>> = {
  AZ410: { status: 409, logLevel: 'info', sentence: 'This would break a rule of the organization.' },
  AZ403: { status: 403, logLevel: 'info', sentence: 'This would break a rule of the organization.' },
};

/** What a call gives where there is no error. */
type DataOf<Call> = Extract<Awaited<Call>, { error: null }> extends { data: infer Data } ? Data : never;
type FunctionCall = PromiseLike<ClientResult & { data: Json }>;

const ANSWERED = new Set([200, 201, 206]);

/**
 * The one way in which repositories read a result of the client: an error is never ignored, and neither is an answer
 * without a value.
 *
 * @param call a supabase-js query, not yet awaited
 * @returns its data, as the query's type has it; never null
 * @throws FencedError, DatabaseUnavailableError, DatabaseRejectedError; AppError `not_found` (`AZ404`), `organization_closed` (`AZ409`),
 *   what the rule that was broken is called (`AZ410`) or what is not held (`AZ403`)
 */
export async function rowsOf<Call extends PromiseLike<ClientResult>>(
  call: Call,
): Promise<NonNullable<DataOf<Call>>> {
  const { data, status } = await resultOf(call);
  if (data === null || data === undefined) {
    throw odd(status);
  }
  return data;
}

/**
 * As `rowsOf`, for a query that may find nothing.
 *
 * @returns its data; null where there is no such row
 */
export async function rowOrNullOf<Call extends PromiseLike<ClientResult>>(
  call: Call,
): Promise<NonNullable<DataOf<Call>> | null> {
  return (await resultOf(call)).data ?? null;
}

/**
 * As `rowsOf`, for a function of the database.
 *
 * @param call a call of a function that answers with a JSON document
 * @returns the answer, as the type that the caller knows the function to give; never null
 */
export async function answerOf<Answer extends NonNullable<unknown>>(call: FunctionCall): Promise<Answer> {
  return (await rowsOf(call)) as Answer;
}

/**
 * As `answerOf`, for a function whose null means something.
 *
 * @returns the answer; null where the function said so
 */
export async function answerOrNullOf<Answer extends NonNullable<unknown>>(
  call: FunctionCall,
): Promise<Answer | null> {
  return (await rowOrNullOf(call)) as Answer | null;
}

async function resultOf<Call extends PromiseLike<ClientResult>>(
  call: Call,
): Promise<{ data: DataOf<Call> | null | undefined; status: number }> {
  const { data, error, status } = await call;
  if (error !== null && error !== undefined) {
    throw translateError(error, status);
  }
  // An empty answer, which gateways give too, is reported as one without content.
  if (!ANSWERED.has(status)) {
    throw odd(status);
  }
  return { data: data as DataOf<Call> | null | undefined, status };
}

/**
 * @param error what supabase-js reports
 * @param status HTTP status of the answer; 0 when there was none
 * @returns the error in this product's words: a verdict of the database, or that it gave none
 */
export function translateError(error: unknown, status: number): AppError {
  const answer = toAnswer(error);
  const { code, message } = answer;
  if (code === 'AZ001') {
    return new FencedError(instanceIdsOf(answer.details), answer);
  }
  if (code === 'AZ404') {
    return new AppError('not_found', { cause: answer });
  }
  if (code === 'AZ409') {
    return new AppError('organization_closed', { cause: answer });
  }
  if (code === 'AZ410' || code === 'AZ403') {
    return brokenRule({ ...answer, code });
  }
  const isVerdict = isSqlState(code)
    ? !UNAVAILABLE_CLASSES.has(code.slice(0, 2)) && code !== READ_ONLY
    : REQUEST_VERDICT.test(code);
  // Without an answer there is no verdict, whatever the error looks like.
  return isVerdict && status !== 0
    ? new DatabaseRejectedError(code, NAMING_CLASSES.has(code.slice(0, 2)) ? message : '')
    : new DatabaseUnavailableError({ httpStatus: status, answerCode: code }, answer);
}

function odd(status: number): DatabaseUnavailableError {
  return new DatabaseUnavailableError(
    { httpStatus: status, answerCode: '' },
    { code: '', message: 'the answer has no value' },
  );
}

interface Answer {
  code: string;
  message: string;
  details: string;
  hint: string;
}

/** A code that is no text, as gateways write `401`, is none of the database's. */
function toAnswer(error: unknown): Answer {
  const fields: ClientError = typeof error === 'object' && error !== null ? error : { message: error };
  const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
  const code = textOf(fields.code);
  const isOfDatabase = isSqlState(code);
  const message = textOf(fields.message);
  return {
    code,
    message: isOfDatabase ? message : message.slice(0, MAX_WORDS),
    details: isOfDatabase ? textOf(fields.details) : textOf(fields.details).slice(0, MAX_WORDS),
    hint: textOf(fields.hint).slice(0, MAX_WORDS),
  };
}

/** Which rule it is, is the message: what PostgREST is told to leave out is the details. */
function brokenRule({ code, message, details, hint }: Answer & { code: RuleState }): AppError {
  const isNamed = /^[a-z][a-z_]*$/.test(message);
  const rule = isNamed ? message : details;
  const options = { message: isNamed ? undefined : message, cause: { code, message, details, hint } };
  return isErrorCode(rule)
    ? new AppError(rule, options)
    : new UnlistedError(rule, NEWER_RULES[code], options);
}

function instanceIdsOf(details: string): string[] {
  try {
    const ids: unknown = JSON.parse(details);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
