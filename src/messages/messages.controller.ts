import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { pickFields } from '../http/fields-field.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ListMessagesDto } from './dto/list-messages.dto.js';
import { EarlierTextResponse, MessageResponse, toMessageResponse } from './message.response.js';
import { MessagesService } from './messages.service.js';

/** REST of the conversations with clients. */
@ApiTags('messages')
@ApiBearerAuth()
@Access('read')
@Controller('api/messages')
export class MessagesController {
  constructor(private readonly service: MessagesService) {}

  @Audited()
  @Get()
  @ApiOperation({ summary: 'List messages, the last stored first; or look for words in them' })
  @ApiAnswer(
    { messages: [MessageResponse], ...PAGE_CURSORS },
    { description: 'One page; shorter than `limit` where its texts are long.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListMessagesDto) {
    const page = await this.service.listMessages(scope, query);
    return {
      success: true,
      messages: page.items.map((message) => pickFields(toMessageResponse(message), query.fields, 'id')),
      ...cursorsOf(page),
    };
  }

  @Get(':id')
  @ApiId()
  @ApiOperation({
    summary: 'Read one message',
    description: 'Also says how sending went that was answered with 202.',
  })
  @ApiAnswer({ message: MessageResponse }, { description: 'The message.' })
  @ApiErrors(400, 'message_not_found')
  async get(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    return { success: true, message: toMessageResponse(await this.service.getMessage(scope, id)) };
  }

  @Get(':id/history')
  @ApiId()
  @ApiOperation({ summary: "Read a message's earlier texts, the oldest first" })
  @ApiAnswer({ history: [EarlierTextResponse] }, { description: 'What it said before it was edited.' })
  @ApiErrors(400, 'message_not_found')
  async history(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    const texts = await this.service.listEarlierTexts(scope, id);
    const history = texts.map(({ content, editedAt }) => ({ content, edited_at: editedAt }));
    return { success: true, history };
  }
}
