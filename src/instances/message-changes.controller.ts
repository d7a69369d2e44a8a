import { Body, Controller, Delete, Param, Patch, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { NotedWithOperation, Operation } from '../audit/pending-entry.js';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { SentText } from '../baileys/outbound/message-sender.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import type { OperationEntry } from '../repositories/audit.repository.js';
import { EditMessageDto } from './dto/edit-message.dto.js';
import { MessageChangesService } from './message-changes.service.js';
import { SentMessageResponse, toSentMessageResponse } from './sent-message.response.js';

const ANSWER = 'WhatsApp took the change; `message_id` is of the change.';
const LATE = 'WhatsApp did not confirm it in time: the message shows it once it did.';

/** REST of changing what was sent. */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('api/messages/:id')
export class MessageChangesController {
  constructor(private readonly service: MessageChangesService) {}

  @Patch()
  @Access('send')
  @NotedWithOperation()
  @ApiId()
  @ApiOperation({ summary: 'Edit a text that was sent, within 15 minutes' })
  @ApiOkResponse({ type: SentMessageResponse, description: ANSWER })
  @ApiAcceptedResponse({ type: SentMessageResponse, description: LATE })
  @ApiErrors(400, 'message_not_found', 'message_not_own', 'message_not_editable', 'instance_not_connected')
  async edit(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() { message }: EditMessageDto,
    @Operation() operation: OperationEntry | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SentMessageResponse> {
    return answer(await this.service.edit(scope, id, message, operation), response);
  }

  @Delete()
  @Access('send')
  @NotedWithOperation()
  @ApiId()
  @ApiOperation({ summary: 'Take a message back for everyone, within 60 hours' })
  @ApiOkResponse({ type: SentMessageResponse, description: ANSWER })
  @ApiAcceptedResponse({ type: SentMessageResponse, description: LATE })
  @ApiErrors(400, 'message_not_found', 'message_not_own', 'message_not_deletable', 'instance_not_connected')
  async remove(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Operation() operation: OperationEntry | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SentMessageResponse> {
    return answer(await this.service.remove(scope, id, operation), response);
  }
}

function answer(sent: SentText, response: Response): SentMessageResponse {
  if (sent.status === 'unknown') {
    response.status(202);
  }
  return toSentMessageResponse(sent);
}
