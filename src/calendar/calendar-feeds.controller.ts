import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import type { Principal } from '../auth/principal.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiOrganizationId } from '../http/api-organization-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { component } from '../http/openapi-components.js';
import { cursorsOf } from '../http/page-cursors.js';
import { PageDto } from '../http/page.dto.js';
import { CalendarFeedResponse, toCalendarFeedResponse } from './calendar-feed.response.js';
import { CalendarFeedsService, type IssuedFeed } from './calendar-feeds.service.js';
import { CreateCalendarFeedDto } from './dto/create-calendar-feed.dto.js';

const ISSUED = {
  calendar_feed: CalendarFeedResponse,
  path: {
    type: 'string',
    description:
      'Of the calendar, at the address of the service: a secret, shown now, to the same call under the same `Idempotency-Key`, and never again.',
    example: '/calendar/cal_2mXw0m0cV6c0nJr3yQyVt7mG0mJr3yQyVt7mG0mJr3y.ics',
  },
};

const ApiFeedId = () =>
  ApiParam({
    name: 'feedId',
    schema: { type: 'string', format: 'uuid' },
    ...component('parameters', 'CalendarFeedIdInPath'),
  });

/** REST of the addresses under which calendars read bookings. */
@ApiTags('bookings')
@ApiBearerAuth()
@Access('manage')
@Controller('api/organizations/:id/calendar-feeds')
export class CalendarFeedsController {
  constructor(private readonly service: CalendarFeedsService) {}

  @Get()
  @ApiOrganizationId()
  @ApiOperation({ summary: 'List the calendar feeds of an organization, newest first' })
  @ApiAnswer(
    { calendar_feeds: [CalendarFeedResponse], ...PAGE_CURSORS },
    { description: 'One page, without their addresses.' },
  )
  @ApiErrors(400, 'organization_not_found')
  async list(
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Query() { limit, cursor }: PageDto,
  ) {
    const page = await this.service.list(scope, id, { limit, cursor });
    return { success: true, calendar_feeds: page.items.map(toCalendarFeedResponse), ...cursorsOf(page) };
  }

  @Post()
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOrganizationId()
  @ApiOperation({
    summary: 'Create a calendar feed',
    description:
      'Calendars that subscribe to its address show the bookings of the organization, with the names of the contacts and the notes: whoever knows the address reads them, without a token. An organization has at most 20 (409 `too_many_calendar_feeds`).',
  })
  @ApiBody({ type: CreateCalendarFeedDto, required: false })
  @ApiAnswer(ISSUED, { name: 'IssuedCalendarFeedAnswer', description: 'The feed, with its address.' })
  @ApiErrors(
    400,
    'organization_not_found',
    'calendar_feed_not_found',
    'organization_closed',
    'too_many_calendar_feeds',
    'idempotency_key_reused',
    413,
    415,
  )
  async create(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Body() input: CreateCalendarFeedDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const issued = await this.service.create(caller, scope, id, input.name, key);
    markReplay(response, issued.isReplay);
    return toIssuedAnswer(issued);
  }

  @Post(':feedId/rotate')
  @HttpCode(200)
  @ApiOrganizationId()
  @ApiFeedId()
  @ApiOperation({ summary: 'Give a calendar feed a new address', description: 'The old one ends at once.' })
  @ApiAnswer(ISSUED, { name: 'IssuedCalendarFeedAnswer', description: 'The feed, with its new address.' })
  @ApiErrors(400, 'organization_not_found', 'calendar_feed_not_found')
  async rotate(
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Param('feedId', IdPipe) feedId: string,
  ) {
    return toIssuedAnswer(await this.service.rotate(scope, id, feedId));
  }

  @Delete(':feedId')
  @ApiOrganizationId()
  @ApiFeedId()
  @ApiOperation({ summary: 'Delete a calendar feed' })
  @ApiAnswer({}, { description: 'Deleted: its address shows nothing more.' })
  @ApiErrors(400, 'organization_not_found', 'calendar_feed_not_found')
  async delete(
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Param('feedId', IdPipe) feedId: string,
  ) {
    await this.service.delete(scope, id, feedId);
    return { success: true };
  }
}

function toIssuedAnswer({ feed, path }: IssuedFeed) {
  return { success: true, calendar_feed: toCalendarFeedResponse(feed), path };
}
