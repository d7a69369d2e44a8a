/** The body of PostgREST's error answers. */
export interface RestErrorBody {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** A request that is answered with an error, as PostgREST answers it. */
export class RestError extends Error {
  readonly body: RestErrorBody;

  constructor(
    readonly status: number,
    code: string,
    message: string,
    more: { details?: string | null; hint?: string | null } = {},
  ) {
    super(message);
    this.name = 'RestError';
    this.body = { code, message, details: more.details ?? null, hint: more.hint ?? null };
  }
}

/** What PostgREST can do and the in-process subset does not. */
export function unsupported(what: string): RestError {
  return new RestError(400, 'PGRST100', `${what} is not part of the in-process REST subset`);
}

const STATUS_BY_CODE: Record<string, number> = {
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '42501': 403,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  '53400': 500,
  '57P01': 503,
  P0001: 400,
};

const STATUS_BY_CLASS: Record<string, number> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '53': 503,
  '54': 413,
  '55': 500,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

/**
 * @param error what a statement threw
 * @returns PostgREST's answer to it; an error without a SQLSTATE means that the database could not be reached
 */
export function toRestError(error: unknown): RestError {
  if (error instanceof RestError) {
    return error;
  }
  const { code, message, detail, hint } = error as Partial<
    Record<'code' | 'message' | 'detail' | 'hint', string>
  >;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
    const status = STATUS_BY_CODE[code] ?? STATUS_BY_CLASS[code.slice(0, 2)] ?? 400;
    return new RestError(status, code, message ?? '', { details: detail ?? null, hint: hint ?? null });
  }
  return new RestError(503, 'PGRST001', 'Database client error. Retrying the connection.', {
    details: message ?? null,
  });
}
