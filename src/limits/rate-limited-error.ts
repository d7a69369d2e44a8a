import { HttpFault } from '../http/http-fault.js';
import type { LimitState } from './limit-state.js';

const SUBJECTS: Readonly<Record<LimitState['name'], string>> = {
  key: 'with this token',
  organization: 'for this organization',
  address: 'from this address',
  'failed-authentication': 'with wrong tokens from this address',
  'sign-in': 'to sign in',
  pairing: 'that begin to link phones of this organization',
};

/** The caller has called too often. */
export class RateLimitedError extends HttpFault {
  constructor({ name, limit, resetSeconds }: LimitState) {
    super(name === 'pairing' ? 'too_many_pairings' : 'rate_limited', {
      message: `Too many calls ${SUBJECTS[name]}: ${limit} a minute are allowed; try again in ${resetSeconds} s.`,
      headers: { 'Retry-After': String(resetSeconds) },
    });
  }
}
