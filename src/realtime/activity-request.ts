import { AppError, type ErrorDetail } from '../common/app-error.js';
import { isUuid } from '../common/uuid.js';
import { type OrganizationId, toOrganizationId } from './join-request.js';

/** What somebody does in a conversation. */
export interface Activity {
  /** @format uuid */
  contactId: string;
  activity: 'reading' | 'writing' | 'left';
}

/** What a client says of its person. */
export interface ActivityRequest extends Activity {
  organizationId: OrganizationId;
}

/** What a socket shows of its person. */
export interface ShownActivity {
  connectionId: string;
  /** What the others were told last, unless that was `left`. */
  current?: ActivityRequest | undefined;
  /** When something was told, in ms, within the window. */
  times: number[];
}

const ACTIVITIES: readonly unknown[] = ['reading', 'writing', 'left'] satisfies Activity['activity'][];

/**
 * @param payload what came with `show-activity`: an organization id and an activity
 * @throws AppError `invalid_organization_id`, `validation_failed`
 */
export function toActivityRequest(payload: unknown): ActivityRequest {
  const [id, said] = Array.isArray(payload) ? (payload as unknown[]) : [payload];
  const organizationId = toOrganizationId(id);
  const { contactId, activity } = (
    typeof said === 'object' && said !== null ? said : {}
  ) as Partial<Activity>;
  const details: ErrorDetail[] = [
    ...(typeof contactId === 'string' && isUuid(contactId)
      ? []
      : [{ path: 'contactId', message: 'must be a UUID' }]),
    ...(ACTIVITIES.includes(activity)
      ? []
      : [{ path: 'activity', message: 'must be reading, writing or left' }]),
  ];
  if (details.length > 0) {
    throw new AppError('validation_failed', { details });
  }
  return { organizationId, contactId: contactId!.toLowerCase(), activity: activity! };
}
