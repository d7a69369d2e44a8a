import { AppError, type ErrorDetail } from '../common/app-error.js';

const DAY_MS = 24 * 60 * 60_000;
const MAX_DAYS = 90;

/** From `from` until before `to`. */
export interface Period {
  from: Date;
  to: Date;
}

/**
 * @param query ISO 8601 times, as far as they were given
 * @param now what `to` is where it was not given
 * @returns the period; the 24 hours before `to` where `from` was not given
 * @throws AppError `validation_failed` for a period that is empty or longer than 90 days
 */
export function periodOf(
  query: { from?: string | undefined; to?: string | undefined },
  now: Date = new Date(),
): Period {
  const to = query.to === undefined ? now : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - DAY_MS) : new Date(query.from);
  if (from >= to) {
    throw invalid({ path: 'from', message: 'must be before to, which is now where it is left out' });
  }
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MS) {
    throw invalid({ path: 'from', message: `must not be more than ${MAX_DAYS} days before to` });
  }
  return { from, to };
}

function invalid(detail: ErrorDetail): AppError {
  const sentence = `The input is invalid: ${detail.path}: ${detail.message}.`;
  return new AppError('validation_failed', { message: sentence, details: [detail] });
}
