import { Injectable } from '@nestjs/common';
import { ApiKeyHasher } from '../auth/api-key-hasher.js';
import { organizationInPath } from '../auth/organization-of.js';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { drawNonce, once } from '../repositories/once.js';
import { OrganizationsRepository } from '../repositories/organizations.repository.js';
import type { Page, PageRequest } from '../repositories/page.js';
import { calendarPath, drawCalendarToken, hashOfToken, TOKEN_BYTES } from './calendar-token.js';
import { type CalendarFeed, CalendarRepository } from './calendar.repository.js';

/** A feed with its path, which is shown once. */
export interface IssuedFeed {
  feed: CalendarFeed;
  path: string;
}

/** The addresses under which calendars read an organization's bookings. */
@Injectable()
export class CalendarFeedsService {
  constructor(
    private readonly calendar: CalendarRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly hasher: ApiKeyHasher,
  ) {}

  /**
   * @param key the caller's name for the call: made once under it
   * @throws AppError `organization_not_found`, `organization_closed`, `too_many_calendar_feeds`, `idempotency_key_reused`;
   *   `calendar_feed_not_found` where what an earlier call under the key made was deleted
   */
  async create(
    caller: Principal,
    scope: OrganizationScope,
    id: string,
    name = '',
    key?: string,
  ): Promise<IssuedFeed & { isReplay: boolean }> {
    const organizationId = await this.organization(scope, id);
    const nonce = drawNonce();
    const token = await this.draw(nonce);
    const inserted = await this.calendar.insertFeed(
      organizationId,
      name,
      hashOfToken(token),
      once('POST /api/organizations/:id/calendar-feeds', key, [caller.kind, caller.id, name], nonce),
    );
    const { made: feed, isReplay, nonce: first } = found(inserted);
    return { feed, path: calendarPath(first === null ? token : await this.draw(first)), isReplay };
  }

  /** @throws AppError `organization_not_found` */
  async list(scope: OrganizationScope, id: string, page: PageRequest): Promise<Page<CalendarFeed>> {
    return this.calendar.listFeeds(await this.organization(scope, id), page);
  }

  /** The address that it had ends at once. @throws AppError `organization_not_found`, `calendar_feed_not_found` */
  async rotate(scope: OrganizationScope, id: string, feedId: string): Promise<IssuedFeed> {
    const token = drawCalendarToken();
    const organizationId = await this.organization(scope, id);
    const feed = found(await this.calendar.rotateFeed(organizationId, feedId, hashOfToken(token)));
    return { feed, path: calendarPath(token) };
  }

  /** @throws AppError `organization_not_found`, `calendar_feed_not_found` */
  async delete(scope: OrganizationScope, id: string, feedId: string): Promise<void> {
    if (!(await this.calendar.deleteFeed(await this.organization(scope, id), feedId))) {
      throw new AppError('calendar_feed_not_found');
    }
  }

  /** A call that is repeated gets the address again because it follows from the nonce of the first one. */
  private async draw(nonce: Buffer): Promise<string> {
    return drawCalendarToken(await this.hasher.derive('auzap calendar token', nonce, TOKEN_BYTES));
  }

  private async organization(scope: OrganizationScope, id: string): Promise<string> {
    const organizationId = organizationInPath(scope, id);
    if ((await this.organizations.findOrganization(organizationId)) === null) {
      throw new AppError('organization_not_found');
    }
    return organizationId;
  }
}

/** @throws AppError `calendar_feed_not_found` for null */
function found<Found>(feed: Found | null): Found {
  if (feed === null) {
    throw new AppError('calendar_feed_not_found');
  }
  return feed;
}
