import { AppError, type ErrorDetail } from '../common/app-error.js';
import { ORGANIZATION_ID_PATTERN } from '../common/organization-scope.js';

/**
 * Names an organization.
 * @pattern ^[A-Za-z0-9_-]{1,64}$
 */
export type OrganizationId = string;

/** What a client may say beside the organization that it joins. */
export interface JoinOptions {
  /**
   * Sequence of the last event that the client has, 0 for all that are kept; left out: nothing is replayed, and the answer says where
   * the socket begins.
   * @asType integer
   * @minimum 0
   */
  after?: number;
}

/** What a client asks for when it joins. */
export interface JoinRequest {
  organizationId: OrganizationId;
  /** Given where the client tells how far it is, or asks where it begins. */
  from?: { after: JoinOptions['after'] };
}

/**
 * @param payload what came with `join-organization`: an organization id, or a list of that and of options
 * @throws AppError `invalid_organization_id`; `validation_failed` for options
 */
export function toJoinRequest(payload: unknown): JoinRequest {
  if (Array.isArray(payload) && payload.length === 2 && isRecord(payload[1])) {
    return { organizationId: toOrganizationId(payload[0]), from: { after: afterOf(payload[1]) } };
  }
  return { organizationId: toOrganizationId(payload) };
}

/** @throws AppError `invalid_organization_id` */
export function toOrganizationId(payload: unknown): string {
  if (typeof payload !== 'string' || !ORGANIZATION_ID_PATTERN.test(payload)) {
    const message = 'Send the organization id as a string: 1 to 64 characters out of A-Z, a-z, 0-9, _ and -.';
    throw new AppError('invalid_organization_id', { message });
  }
  return payload;
}

function afterOf({ after, ...others }: Record<string, unknown>): number | undefined {
  const details: ErrorDetail[] = Object.keys(others).map((path) => ({
    path: path.slice(0, 100),
    message: 'unknown field',
  }));
  if (after !== undefined && !(Number.isSafeInteger(after) && (after as number) >= 0)) {
    details.push({ path: 'after', message: 'must be a whole number from 0' });
  }
  if (details.length > 0) {
    throw new AppError('validation_failed', { details: details.slice(0, 10) });
  }
  return after as number | undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
