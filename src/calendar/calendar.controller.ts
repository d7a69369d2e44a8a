import { createHash } from 'node:crypto';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { AppError } from '../common/app-error.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { entityTag } from '../http/entity-tag.js';
import { calendarText } from './calendar-text.js';
import { hashOfToken, tokenOfFile } from './calendar-token.js';
import { CalendarRepository } from './calendar.repository.js';

/** The calendars themselves, for programs that can send no token: the address is the secret. */
@ApiTags('bookings')
@Access('public')
@Controller('calendar')
export class CalendarController {
  constructor(private readonly calendar: CalendarRepository) {}

  @Get(':file')
  @ApiParam({
    name: 'file',
    schema: { type: 'string', pattern: '^cal_[A-Za-z0-9_-]{43}\\.ics$' },
    description: 'The secret of the feed, and `.ics`.',
  })
  @ApiOperation({
    summary: 'Read a calendar of bookings',
    description:
      'iCalendar (RFC 5545): bookings with a start, from 90 days ago to a year from now, at most 5000. Cancelled ones stay, with `STATUS:CANCELLED`, so that calendars take them out.',
  })
  @ApiResponse({
    status: 200,
    description: 'The calendar.',
    headers: {
      'X-Robots-Tag': {
        description: 'Search engines are to forget it.',
        schema: { type: 'string', enum: ['noindex'] },
      },
    },
    content: { 'text/calendar': { schema: { type: 'string' } } },
  })
  @ApiErrors('calendar_feed_not_found')
  async read(@Param('file') file: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const token = tokenOfFile(file);
    const calendar = token === undefined ? null : await this.calendar.readCalendar(hashOfToken(token));
    if (calendar === null) {
      throw new AppError('calendar_feed_not_found');
    }
    // Of what is shown rather than of how: who has it already costs no writing.
    const version = createHash('sha256').update(JSON.stringify(calendar)).digest('base64url');
    response.set({ ETag: entityTag(version), 'Cache-Control': 'private, no-cache' });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    response.set('X-Robots-Tag', 'noindex').type('text/calendar; charset=utf-8').send(calendarText(calendar));
  }
}
