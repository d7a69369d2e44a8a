import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { EventsRepository } from '../repositories/events.repository.js';
import { ListEventsDto } from './dto/list-events.dto.js';
import { EventResponse, toEventResponse } from './event.response.js';

const LAST_SEQUENCE = {
  type: 'integer',
  description: 'Give it as `after` to go on; the same as `after` when there was nothing new.',
  example: 1,
};

/** Replay of events, for subscribers that were away. */
@ApiTags('events')
@ApiBearerAuth()
@Access('read')
@Controller('api/events')
export class EventsController {
  constructor(private readonly events: EventsRepository) {}

  @Get()
  @ApiOperation({
    summary: 'List events after a sequence number, oldest first',
    description:
      'Connected, disconnected and message events. QR strings and pairing codes are secrets and never stored.',
  })
  @ApiAnswer(
    { events: [EventResponse], last_sequence: LAST_SEQUENCE },
    { description: 'The events that follow.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListEventsDto) {
    const { organization_id, after, limit } = query;
    const events = await this.events.listEvents(organizationOf(scope, organization_id), { after, limit });
    return {
      success: true,
      events: events.map(toEventResponse),
      last_sequence: events.at(-1)?.sequence ?? after,
    };
  }
}
