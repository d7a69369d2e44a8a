import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, NEXT_CURSOR } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { OrganizationPageDto } from '../http/organization-page.dto.js';
import { ConversationResponse, toConversationResponse } from './conversation.response.js';
import { ConversationsRepository } from './conversations.repository.js';

/** REST of the conversations. */
@ApiTags('messages')
@ApiBearerAuth()
@Access('read')
@Controller('api/conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsRepository) {}

  @Audited()
  @Get()
  @ApiOperation({ summary: 'List contacts by their last message, the newest first' })
  @ApiAnswer(
    { conversations: [ConversationResponse], next_cursor: NEXT_CURSOR },
    { description: 'One page; shorter than `limit` where its texts are long.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: OrganizationPageDto) {
    const { limit, cursor, organization_id } = query;
    const page = await this.conversations.listConversations(organizationOf(scope, organization_id), {
      limit,
      cursor,
    });
    return {
      success: true,
      conversations: page.items.map(toConversationResponse),
      next_cursor: page.nextCursor,
    };
  }
}
