import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { NamedInstance } from '../auth/named-instance.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { HistoryRepository } from '../repositories/history.repository.js';
import type { Instance } from '../repositories/instance.js';
import { ChatsService } from './chats.service.js';
import { FetchHistoryDto } from './dto/fetch-history.dto.js';
import { ON_A_LINE } from './line-errors.js';
import { HistoryResponse, toHistoryResponse } from './history.response.js';
import { InstancesService } from './instances.service.js';

/** REST of what was written before an instance was linked. */
@ApiTags('instances')
@ApiBearerAuth()
@Controller('api/whatsapp/instances/:id/history')
export class HistoryController {
  constructor(
    private readonly instances: InstancesService,
    private readonly history: HistoryRepository,
    private readonly chats: ChatsService,
  ) {}

  @Get()
  @Access('read')
  @ApiId()
  @ApiOperation({
    summary: 'See how far the history is that WhatsApp hands over',
    description:
      'After linking, the phone hands pieces of its chats over. They are stored in the background, as messages and notes that stand in lists before everything received since, without bookings or events.',
  })
  @ApiAnswer({ history: HistoryResponse }, { description: 'How far it is.' })
  @ApiErrors(400, 'instance_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
  ) {
    const instance = await this.instances.getInstance(scope, id, read);
    return { success: true, history: toHistoryResponse(id, await this.history.overviewOf(instance.id)) };
  }

  @Post()
  @HttpCode(200)
  @Access('send')
  @ApiId()
  @ApiOperation({
    summary: 'Ask the phone for older messages of a chat',
    description:
      'For those before the oldest one that is known. The phone hands them over when it is on line, or never; what comes is stored as history, and `syncs` of the history names the request. Refused where `history` of the instance is `ignore`.',
  })
  @ApiAnswer({ request_id: { type: 'string' } }, { description: 'The phone was asked.' })
  @ApiErrors(400, ...ON_A_LINE, 413, 415)
  async fetch(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
    @Body() { contact_id, count }: FetchHistoryDto,
  ) {
    return {
      success: true,
      request_id: await this.chats.fetchHistory({ scope, id, read }, contact_id, count),
    };
  }
}
