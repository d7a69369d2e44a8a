import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { pickFields } from '../http/fields-field.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ListConversationsDto } from './dto/list-conversations.dto.js';
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
    { conversations: [ConversationResponse], ...PAGE_CURSORS },
    { description: 'One page; shorter than `limit` where its texts are long.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListConversationsDto) {
    const { limit, cursor, search, organization_id } = query;
    const page = await this.conversations.listConversations(organizationOf(scope, organization_id), {
      limit,
      cursor,
      search,
    });
    return {
      success: true,
      conversations: page.items.map((item) =>
        pickFields(toConversationResponse(item), query.fields, 'contact'),
      ),
      ...cursorsOf(page),
    };
  }
}
