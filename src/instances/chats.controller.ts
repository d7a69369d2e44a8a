import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { NamedInstance } from '../auth/named-instance.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import type { Instance } from '../repositories/instance.js';
import { ON_A_LINE } from './line-errors.js';
import { ChatsService } from './chats.service.js';
import { RecipientDto } from './dto/recipient.dto.js';
import { TypingDto } from './dto/typing.dto.js';
import { NumberResponse, toNumberResponse } from './number.response.js';

/** REST of what an instance does about chats and numbers besides sending. */
@ApiTags('instances')
@ApiBearerAuth()
@Access('send')
@Controller('api/whatsapp/instances/:id')
export class ChatsController {
  constructor(private readonly service: ChatsService) {}

  @Post('typing')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Show that somebody writes or records',
    description: 'WhatsApp shows it for some seconds, or until `paused`. Repeat it while somebody writes.',
  })
  @ApiAnswer({}, { description: 'WhatsApp was told.' })
  @ApiErrors(400, ...ON_A_LINE, 413, 415)
  async typing(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
    @Body() input: TypingDto,
  ) {
    await this.service.show({ scope, id, read }, input.to, input.state);
    return { success: true };
  }

  @Post('presence')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Hear whether somebody is there and types',
    description:
      'As the event `whatsapp:presence`, which is never stored, for 5 minutes; call it again for longer, and after the line was lost. Meanwhile the account shows as on line, and its phone may not notify. People may hide it.',
  })
  @ApiAnswer(
    { expires_at: { type: 'string', format: 'date-time' } },
    { description: 'Changes come as events.' },
  )
  @ApiErrors(400, ...ON_A_LINE, 'too_many_watched', 413, 415)
  async presence(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
    @Body() input: RecipientDto,
  ) {
    return { success: true, expires_at: await this.service.watch({ scope, id, read }, input.to) };
  }

  @Get('numbers/:number')
  @ApiId()
  @ApiParam({ name: 'number', schema: { type: 'string' }, example: '5511999887766' })
  @ApiOperation({
    summary: 'Ask WhatsApp whether a number has it, and under which spelling',
    description: 'An answer counts for 10 minutes. WhatsApp restricts accounts that look many numbers up.',
  })
  @ApiOkResponse({ type: NumberResponse })
  @ApiErrors(400, ...ON_A_LINE, 'whatsapp_unavailable')
  async number(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
    @Param('number') number: string,
  ): Promise<NumberResponse> {
    return toNumberResponse(await this.service.lookUp({ scope, id, read }, number));
  }
}
