import { fieldRule } from './field-rule.js';

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A time with its offset, or a date, which is its midnight in UTC. */
export function IsIsoTime(): PropertyDecorator {
  return fieldRule('isoTime', (value) =>
    typeof value === 'string' && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'must be an ISO 8601 time with Z or an offset (write + as %2B), e.g. 2025-10-02T12:00:00Z',
  );
}
