import { Body, Controller, Headers, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Operation, NotedWithOperation } from '../audit/pending-entry.js';
import { Access } from '../auth/access.decorator.js';
import { NamedInstance } from '../auth/named-instance.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiId } from '../http/api-id.decorator.js';
import { isMultipart } from '../http/multipart-type.js';
import { IdPipe } from '../http/id.pipe.js';
import type { OperationEntry } from '../repositories/audit.repository.js';
import type { Instance } from '../repositories/instance.js';
import { SendMessageDto } from './dto/send-message.dto.js';
import { parseIdempotencyKey } from '../http/idempotency-key.js';
import { ApiSendMessage } from './outgoing-message.docs.js';
import { OutgoingMessageService } from './outgoing-message.service.js';
import { type SentMessageResponse, toSentMessageResponse } from './sent-message.response.js';

/** REST of sending through an instance. */
@ApiTags('instances')
@ApiBearerAuth()
@Controller('api/whatsapp/instances/:id')
export class OutgoingMessageController {
  constructor(private readonly service: OutgoingMessageService) {}

  @Post('send')
  @Access('send')
  @NotedWithOperation()
  @HttpCode(200)
  @ApiId()
  @ApiSendMessage()
  async send(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: SendMessageDto,
    @Headers('idempotency-key') key: string | undefined,
    @NamedInstance() read: Instance | null | undefined,
    @Operation() operation: OperationEntry | undefined,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SentMessageResponse> {
    const idempotencyKey = parseIdempotencyKey(key);
    const known = { read, operation };
    const sent = isMultipart(request)
      ? await this.service.sendForm(scope, id, request, idempotencyKey, known)
      : await this.service.send(scope, id, input, idempotencyKey, known);
    if (sent.isReplay) {
      response.set('Idempotency-Replayed', 'true');
    }
    if (sent.status === 'unknown') {
      response.status(202);
    }
    return toSentMessageResponse(sent);
  }
}
