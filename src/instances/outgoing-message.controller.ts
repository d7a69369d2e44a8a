import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { SendMessageDto } from './dto/send-message.dto.js';
import { OutgoingMessageService } from './outgoing-message.service.js';
import { SentMessageResponse } from './sent-message.response.js';

/** REST of sending through an instance. */
@ApiTags('instances')
@ApiBearerAuth()
@Controller('api/whatsapp/instances/:id')
export class OutgoingMessageController {
  constructor(private readonly service: OutgoingMessageService) {}

  @Post('send')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({ summary: 'Send a text message' })
  @ApiOkResponse({ type: SentMessageResponse, description: 'WhatsApp took the message.' })
  @ApiAcceptedResponse({ type: SentMessageResponse, description: 'WhatsApp did not confirm it in time.' })
  @ApiErrors(400, 404, 409, 413, 415)
  async send(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: SendMessageDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SentMessageResponse> {
    const sent = await this.service.sendText(scope, id, input);
    if (sent.status === 'unknown') {
      response.status(202);
    }
    return sent;
  }
}
