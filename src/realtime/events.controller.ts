import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AppError } from '../common/app-error.js';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import type { Principal } from '../auth/principal.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ListEventsDto } from './dto/list-events.dto.js';
import { StreamEventsDto } from './dto/stream-events.dto.js';
import { EventList } from './event-list.js';
import { EventResponse, toEventResponse } from './event.response.js';
import { EventStreams, type Listener } from './event-streams.js';
import { writeEvents } from './server-sent-events.js';

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

/** Events over HTTP, for subscribers that were away and for those without Socket.IO. */
@ApiTags('events')
@ApiBearerAuth()
@Access('read')
@Controller('api/events')
export class EventsController {
  constructor(
    private readonly list: EventList,
    private readonly streams: EventStreams,
  ) {}

  @Audited()
  @Get()
  @ApiOperation({
    summary: 'List events after a sequence number, oldest first',
    description:
      'All events but QR strings and pairing codes, which are secrets and never stored, and who is there or types. With `wait` the call is a long poll: it waits for the next event where there is none. Events are kept for 90 days, or as long as the organization decided: where some after `after` are gone, the answer is 410 with `oldest`, and `after=0` gives all that are kept.',
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
  @ApiErrors(400, 'events_expired', 'too_many_streams')
  async read(
    @Scope() scope: OrganizationScope,
    @Caller() principal: Principal,
    @Query() query: ListEventsDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { organization_id, after, limit, wait } = query;
    const organizationId = organizationOf(scope, organization_id);
    let page = await this.list.read(organizationId, { after, limit });
    if (page.events.length === 0 && wait > 0) {
      const listener = { principal, organizationId, sender: request };
      await this.untilNews(listener, query, response);
      page = await this.list.read(organizationId, { after, limit });
    }
    const { events, isMore } = page;
    return {
      success: true,
      events: events.map(toEventResponse),
      last_sequence: events.at(-1)?.sequence ?? after,
      oldest_sequence: (await this.list.findOldest(organizationId)) ?? null,
      has_more: isMore,
    };
  }

  @Audited()
  @Get('stream')
  @ApiOperation({
    summary: 'Stream events as server-sent events',
    description:
      'The same as `GET /api/events`, without asking again: what follows `after`, and then whatever comes, in sequence, each once. `id` is the sequence, `event` the name, `data` an event as the list has it. A client that comes again with `Last-Event-ID` goes on after that event, on any process. Browsers own `EventSource` sends no token; a client that is built on `fetch` does, and a token never belongs into an address. An event `exception` says why the service ends a stream. Comments come every 15 seconds; a client that reads nothing for 30 is ended.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last event that the client has.',
    schema: { type: 'string', pattern: '^\\d{1,15}$' },
  })
  @ApiOkResponse({
    description: 'Events, until the client leaves.',
    content: {
      'text/event-stream': {
        schema: { type: 'string' },
        example:
          'id: 42\nevent: whatsapp:note\ndata: {"sequence":42,"name":"whatsapp:note","payload":{"instanceId":"…","noteId":"…","timestamp":"…","sequence":42}}\n\n',
      },
    },
  })
  @ApiErrors(400, 'events_expired', 'too_many_streams')
  async stream(
    @Scope() scope: OrganizationScope,
    @Caller() principal: Principal,
    @Query() query: StreamEventsDto,
    @Headers('last-event-id') header: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const organizationId = organizationOf(scope, query.organization_id);
    const after = lastEventId(header) ?? query.after;
    const listener = { principal, organizationId, sender: request };
    await this.streams.hold(listener, { after, gone: goneOf(response) }, (stream) =>
      writeEvents(response, stream),
    );
  }

  /** @returns once there are events after a sequence, the time is over, or the service stops */
  private async untilNews(
    listener: Listener,
    { after, wait }: ListEventsDto,
    response: Response,
  ): Promise<void> {
    const gone = goneOf(response);
    await this.streams.hold(listener, { after, gone }, async ({ reader, signal }) => {
      const time = AbortSignal.timeout(wait * 1_000);
      await reader.untilNews(AbortSignal.any([signal, time]));
      if (signal.reason instanceof AppError && signal.reason.code !== 'shutting_down') {
        throw signal.reason;
      }
    });
  }
}

/** Aborted when the client leaves. */
function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.closed) {
    gone.abort();
  }
  return gone.signal;
}

/** @returns the sequence that a client of server-sent events gives when it comes again; undefined for one that gives none */
function lastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header === '') {
    return undefined;
  }
  const sequence = /^\d{1,15}$/.test(header) ? Number(header) : undefined;
  if (sequence === undefined) {
    const message = 'must be the id of an event of this stream: a whole number from 0';
    throw new AppError('validation_failed', { details: [{ path: 'Last-Event-ID', message }] });
  }
  return sequence;
}
