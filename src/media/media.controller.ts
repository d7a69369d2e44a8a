import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { MessageMediaResponse } from '../http/message-media.response.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiBytes, ApiPartialBytes } from './media.docs.js';
import { MediaService } from './media.service.js';
import { sendRepresentation } from './send-representation.js';

/** REST of the files of messages. */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('api/messages/:id')
export class MediaController {
  constructor(private readonly service: MediaService) {}

  @Get('media')
  @Access('read')
  @ApiId()
  @ApiOperation({
    summary: 'Read the file of a message or a note',
    description:
      'What a browser could run is `application/octet-stream`, to be saved. Parts are had by `Range`. The id is that of a message, or of a note: what the owner sent from the phone has its file, too.',
  })
  @ApiPartialBytes('The file.')
  @ApiErrors(400, 'message_not_found', 'media_not_found', 'media_not_ready', 'media_gone')
  async file(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await sendRepresentation(await this.service.fileOf(scope, id), request, response);
  }

  @Get('thumbnail')
  @Access('read')
  @ApiId()
  @ApiOperation({ summary: 'Read a small JPEG of the file of a message' })
  @ApiBytes('The thumbnail.')
  @ApiErrors(400, 'message_not_found', 'media_not_found', 'media_not_ready', 'media_gone')
  async thumbnail(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await sendRepresentation(await this.service.thumbnailOf(scope, id), request, response);
  }

  @Post('media/retry')
  @Access('send')
  @HttpCode(202)
  @ApiId()
  @ApiOperation({
    summary: 'Fetch the file of a message once more',
    description: '`whatsapp:media` tells what came of it.',
  })
  @ApiAnswer(
    { media: MessageMediaResponse },
    { status: 202, description: 'It is being fetched, or there already.' },
  )
  @ApiErrors(400, 'message_not_found', 'media_not_found', 'media_not_retryable')
  async retry(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    return { success: true, media: await this.service.retry(scope, id) };
  }
}
