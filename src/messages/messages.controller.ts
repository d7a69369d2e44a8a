import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, NEXT_CURSOR } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import { ListMessagesDto } from './dto/list-messages.dto.js';
import { MessageResponse, toMessageResponse } from './message.response.js';

/** REST of the conversations with clients. */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('api/messages')
export class MessagesController {
  constructor(private readonly messages: MessagesRepository) {}

  @Get()
  @ApiOperation({ summary: 'List messages, the last stored first' })
  @ApiAnswer({ messages: [MessageResponse], next_cursor: NEXT_CURSOR }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListMessagesDto) {
    const page = await this.messages.listMessages(organizationOf(scope, query.organization_id), {
      contactId: query.contact_id,
      instanceId: query.instance_id,
      direction: query.direction,
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, messages: page.items.map(toMessageResponse), next_cursor: page.nextCursor };
  }
}
