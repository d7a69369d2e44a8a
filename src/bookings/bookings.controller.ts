import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { entityTag, IF_MATCH, versionsOf } from '../http/entity-tag.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { BookingsRepository, type VersionedBooking } from './bookings.repository.js';
import { BookingResponse, toBookingResponse } from './booking.response.js';
import { BookingsService } from './bookings.service.js';
import { ChangeBookingDto } from './dto/change-booking.dto.js';
import { CreateBookingDto } from './dto/create-booking.dto.js';
import { ListBookingsDto } from './dto/list-bookings.dto.js';

/** REST of the bookings. */
@ApiTags('bookings')
@ApiBearerAuth()
@Access('read')
@Controller('api/bookings')
export class BookingsController {
  constructor(
    private readonly bookings: BookingsRepository,
    private readonly service: BookingsService,
  ) {}

  @Audited()
  @Get()
  @ApiOperation({ summary: 'List bookings, newest first unless `sort` says otherwise' })
  @ApiAnswer({ bookings: [BookingResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListBookingsDto) {
    const page = await this.bookings.listBookings(organizationOf(scope, query.organization_id), {
      contactId: query.contact_id,
      status: query.status,
      startsFrom: query.starts_from,
      startsBefore: query.starts_before,
      sort: query.sort,
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, bookings: page.items.map(toBookingResponse), ...cursorsOf(page) };
  }

  @Post()
  @Access('send')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make a booking of a contact' })
  @ApiIdempotencyKey()
  @ApiAnswer(
    { booking: BookingResponse },
    { name: 'BookingAnswer', description: 'The booking; `ETag` names this state of it.' },
  )
  @ApiErrors(
    400,
    'contact_not_found',
    'organization_closed',
    'idempotency_key_reused',
    'booking_ends_too_early',
    'unknown_service',
    413,
    415,
  )
  async create(
    @Scope() scope: OrganizationScope,
    @Body() input: CreateBookingDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const made = await this.service.create(scope, input, key);
    markReplay(response, made.isReplay);
    return answer(made, response);
  }

  @Get(':id')
  @ApiId()
  @ApiOperation({ summary: 'Read one booking' })
  @ApiAnswer(
    { booking: BookingResponse },
    { name: 'BookingAnswer', description: 'The booking; `ETag` names this state of it.' },
  )
  @ApiErrors(400, 'booking_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    return answer(await this.service.find(scope, id, query.organization_id), response);
  }

  @Patch(':id')
  @Access('send')
  @ApiId()
  @ApiOperation({ summary: 'Change a booking' })
  @ApiHeader(IF_MATCH)
  @ApiAnswer(
    { booking: BookingResponse },
    { name: 'BookingAnswer', description: 'The booking as it is now; `ETag` names this state of it.' },
  )
  @ApiErrors(
    400,
    'booking_not_found',
    'invalid_transition',
    'booking_ends_too_early',
    'unknown_service',
    'changed_meanwhile',
    413,
    415,
  )
  async change(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: ChangeBookingDto,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return answer(await this.service.change(scope, id, input, versionsOf(match)), response);
  }
}

function answer({ booking, version }: VersionedBooking, response: Response) {
  response.set('ETag', entityTag(version));
  return { success: true, booking: toBookingResponse(booking) };
}
