import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AppError } from '../common/app-error.js';
import { Audited } from '../audit/audited.decorator.js';
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

const OLDEST_SEQUENCE = {
  type: 'integer',
  nullable: true,
  description: 'Of the oldest event that is still kept; null where none is.',
  example: 1,
};

const HAS_MORE = {
  type: 'boolean',
  description: 'Whether others follow after `last_sequence`, as far as is known at this moment.',
  example: false,
};

/** Replay of events, for subscribers that were away. */
@ApiTags('events')
@ApiBearerAuth()
@Access('read')
@Controller('api/events')
export class EventsController {
  constructor(private readonly events: EventsRepository) {}

  @Audited()
  @Get()
  @ApiOperation({
    summary: 'List events after a sequence number, oldest first',
    description:
      'Connected, disconnected, message, contact and booking events. QR strings and pairing codes are secrets and never stored. Events are kept for 90 days, or as long as the organization decided: where some after `after` are gone, the answer is 410, and `after=0` gives all that are kept.',
  })
  @ApiAnswer(
    {
      events: [EventResponse],
      last_sequence: LAST_SEQUENCE,
      oldest_sequence: OLDEST_SEQUENCE,
      has_more: HAS_MORE,
    },
    { description: 'The events that follow; fewer than `limit` where they are long.' },
  )
  @ApiErrors(400, 'events_expired')
  async list(@Scope() scope: OrganizationScope, @Query() query: ListEventsDto) {
    const { organization_id, after, limit } = query;
    const organizationId = organizationOf(scope, organization_id);
    const { events, isMore } = await this.events.listEvents(organizationId, { after, limit });
    const oldest = await this.oldest(organizationId, after, events[0]?.sequence);
    return {
      success: true,
      events: events.map(toEventResponse),
      last_sequence: events.at(-1)?.sequence ?? after,
      oldest_sequence: oldest,
      has_more: isMore,
    };
  }

  /** @throws AppError `events_expired` when some of those that follow `after` are gone */
  private async oldest(
    organizationId: string,
    after: number,
    next: number | undefined,
  ): Promise<number | null> {
    const oldest = await this.events.findOldest(organizationId);
    if (after > 0 && next !== after + 1) {
      const firstKept = oldest ?? (await this.headOf(organizationId)) + 1;
      if (after < firstKept - 1) {
        throw expired(after, firstKept);
      }
    }
    return oldest ?? null;
  }

  private async headOf(organizationId: string): Promise<number> {
    return (await this.events.readHeads([organizationId])).get(organizationId) ?? 0;
  }
}

function expired(after: number, firstKept: number): AppError {
  const message =
    `Events after ${after} are not kept any more, up to ${firstKept - 1}. ` +
    `Read the lists, and go on with after=${firstKept - 1}.`;
  return new AppError('events_expired', { message });
}
