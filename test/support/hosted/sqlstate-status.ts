/**
 * Error.hs, `mapSQLtoHTTP`: longest prefix first. Whatever is not here is 400, the service's own AZ… included.
 * https://docs.postgrest.org/en/stable/references/errors.html#status-codes
 */
const STATUS_BY_PREFIX: Record<string, number> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '53400': 500,
  '53': 503,
  '54': 500,
  '55': 500,
  '57P01': 503,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0001: 400,
  P0: 500,
  XX: 500,
  '42P01': 404,
  '42P17': 500,
};

/**
 * @param isAuthenticated by anybody but anon
 * @returns the status that PostgREST gives an SQLSTATE
 */
export function statusOf(sqlState: string, message: string, isAuthenticated: boolean): number {
  switch (sqlState) {
    case '21000':
      return message.endsWith('requires a WHERE clause') ? 400 : 500;
    case '22023':
      return message.startsWith('role') && message.endsWith('does not exist') ? 401 : 400;
    case '42883':
      return message.startsWith('function xmlagg(') ? 406 : 404;
    case '42501':
      return isAuthenticated ? 403 : 401;
  }
  if (sqlState.startsWith('PT')) {
    const status = Number(sqlState.slice(2));
    return Number.isInteger(status) && status >= 100 && status < 1000 ? status : 500;
  }
  return STATUS_BY_PREFIX[sqlState] ?? STATUS_BY_PREFIX[sqlState.slice(0, 2)] ?? 400;
}
