import { isIsoTime } from '../common/iso-time.js';
import { fieldRule } from './field-rule.js';

/** A time with its offset, or a date, which is its midnight in UTC. */
export function IsIsoTime(): PropertyDecorator {
  return fieldRule('isoTime', (value) =>
    typeof value === 'string' && isIsoTime(value)
      ? undefined
      : 'must be an ISO 8601 time with Z or an offset (write + as %2B) of a day that there is, from the year 1000 to 9999, e.g. 2025-10-02T12:00:00Z',
  );
}
