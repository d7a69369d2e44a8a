import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, NEXT_CURSOR } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { BookingsRepository } from './bookings.repository.js';
import { BookingResponse, toBookingResponse } from './booking.response.js';
import { ListBookingsDto } from './dto/list-bookings.dto.js';

/** REST of the bookings. */
@ApiTags('bookings')
@ApiBearerAuth()
@Access('read')
@Controller('api/bookings')
export class BookingsController {
  constructor(private readonly bookings: BookingsRepository) {}

  @Audited()
  @Get()
  @ApiOperation({ summary: 'List bookings, newest first' })
  @ApiAnswer({ bookings: [BookingResponse], next_cursor: NEXT_CURSOR }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListBookingsDto) {
    const page = await this.bookings.listBookings(organizationOf(scope, query.organization_id), {
      contactId: query.contact_id,
      status: query.status,
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, bookings: page.items.map(toBookingResponse), next_cursor: page.nextCursor };
  }
}
