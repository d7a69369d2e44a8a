import { errorAnswer, type HostedAnswer } from './answer.js';
import { statusOf } from './sqlstate-status.js';

interface Raised {
  code: string;
  message: string;
  details?: string | null;
  hint?: string | null;
}

interface RaisedStatus {
  status: number;
  headers: Record<string, string>;
}

/**
 * Error.hs, `ErrorBody SQL.CommandError` and `ErrorHeaders PgError`.
 * @param error what a statement threw
 * @param isAuthenticated by anybody but anon
 */
export function answerToDatabaseError(error: unknown, isAuthenticated: boolean): HostedAnswer {
  const { code, message, detail, hint } = error as Partial<
    Record<'code' | 'message' | 'detail' | 'hint', string>
  >;
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) {
    const details = message ?? String(error);
    return errorAnswer(503, 'PGRST001', 'Database client error. Retrying the connection.', { details });
  }
  if (code === 'PGRST') {
    return raisedAnswer(message ?? '', detail);
  }
  const status = statusOf(code, message ?? '', isAuthenticated);
  return errorAnswer(status, code, message ?? '', {
    details: detail ?? null,
    hint: hint ?? null,
    headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {},
  });
}

/** Error.hs, `parseRaisePGRST`: a function decides about the answer as a whole. */
function raisedAnswer(message: string, detail: string | undefined): HostedAnswer {
  try {
    const raised = JSON.parse(message) as Raised;
    const { status, headers } = JSON.parse(detail ?? '') as RaisedStatus;
    return errorAnswer(status, raised.code, raised.message, { ...raised, headers });
  } catch {
    const text = `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`;
    return errorAnswer(500, 'PGRST121', text);
  }
}
