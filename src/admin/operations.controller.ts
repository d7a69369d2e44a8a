import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { PageDto } from '../http/page.dto.js';
import { ListDeadDto } from './dto/list-dead.dto.js';
import { ThroughputDto } from './dto/throughput.dto.js';
import { OperationsRepository } from './operations.repository.js';
import {
  DeadMessageResponse,
  LeaseResponse,
  MinuteResponse,
  NodeResponse,
  toDeadMessageResponse,
  toLeaseResponse,
  toMinuteResponse,
  toNodeResponse,
} from './operations.responses.js';

/** REST of how the whole service does. */
@ApiTags('admin')
@ApiBearerAuth()
@Access('admin')
@Controller('api/admin')
export class OperationsController {
  constructor(private readonly operations: OperationsRepository) {}

  @Get('nodes')
  @ApiOperation({
    summary: 'List the processes of the service, by id',
    description: 'Those that gave a sign of life in the last hour.',
  })
  @ApiAnswer({ nodes: [NodeResponse] }, { description: 'All of them.' })
  @ApiErrors()
  async nodes() {
    return { success: true, nodes: (await this.operations.listNodes()).map(toNodeResponse) };
  }

  @Get('leases')
  @ApiOperation({ summary: 'List which process runs which number, the newest number first' })
  @ApiAnswer({ leases: [LeaseResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async leases(@Query() { limit, cursor }: PageDto) {
    const page = await this.operations.listLeases({ limit, cursor });
    return { success: true, leases: page.items.map(toLeaseResponse), ...cursorsOf(page) };
  }

  @Get('inbox/dead')
  @ApiOperation({
    summary: 'List received messages that could not be decoded, the last received first',
    description: 'Without what is in them. `POST /api/admin/inbox/redrive` gives them another chance.',
  })
  @ApiAnswer({ dead: [DeadMessageResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async dead(@Query() { limit, cursor, organization_id, instance_id }: ListDeadDto) {
    const page = await this.operations.listDead({
      limit,
      cursor,
      organizationId: organization_id,
      instanceId: instance_id,
    });
    return { success: true, dead: page.items.map(toDeadMessageResponse), ...cursorsOf(page) };
  }

  @Get('throughput')
  @ApiOperation({ summary: 'Count what was received and sent by the minute, and how long it took' })
  @ApiAnswer(
    {
      is_capped: {
        type: 'boolean',
        description: 'Of a number or an organization there was more than is looked at: the newest 20,000.',
      },
      minutes: [MinuteResponse],
    },
    { description: 'Each minute, the oldest first; the last one is not over.' },
  )
  @ApiErrors(400)
  async throughput(@Query() { minutes }: ThroughputDto) {
    const { isCapped, minutes: rows } = await this.operations.throughput(minutes);
    return { success: true, is_capped: isCapped, minutes: rows.map(toMinuteResponse) };
  }
}
