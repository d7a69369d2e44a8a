import { pipeline } from 'node:stream/promises';
import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiBytes } from './media.docs.js';
import { type Representation, MediaService } from './media.service.js';
import { fileHeaders, isHeld, rangeOf } from './media-headers.js';

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
  @ApiBytes('The file.')
  @ApiErrors(400, 'message_not_found', 'media_not_found', 'media_not_ready', 'media_gone')
  async file(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await send(await this.service.fileOf(scope, id), request, response);
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
    await send(await this.service.thumbnailOf(scope, id), request, response);
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
    { media: { type: 'object', description: 'As `media` of the message.' } },
    { status: 202, description: 'It is being fetched, or there already.' },
  )
  @ApiErrors(400, 'message_not_found', 'media_not_found', 'media_not_retryable')
  async retry(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    return { success: true, media: await this.service.retry(scope, id) };
  }
}

async function send(shown: Representation, request: Request, response: Response): Promise<void> {
  fileHeaders(shown, response);
  if (isHeld(request, shown.etag)) {
    response.status(304).end();
    return;
  }
  const range = shown.size === undefined ? 'whole' : rangeOf(request, shown.size, shown.etag);
  if (range === 'unsatisfiable') {
    response.status(416).set('Content-Range', `bytes */${shown.size}`).end();
    return;
  }
  if (range !== 'whole') {
    response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${shown.size}`);
  }
  const length = range === 'whole' ? shown.size : range.end - range.start + 1;
  if (length !== undefined) {
    response.set('Content-Length', String(length));
  }
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  const bytes = await shown.open(range === 'whole' ? undefined : range).catch((error: unknown) => {
    // The answer is about the failure now.
    ['Content-Length', 'Content-Range', 'Content-Disposition', 'ETag'].forEach((name) =>
      response.removeHeader(name),
    );
    response.status(200);
    throw error;
  });
  // A pipeline listens to its end several times over, beside those who count and log the call.
  response.setMaxListeners(20);
  try {
    await pipeline(bytes, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      throw error; // the answer is cut off: what came of it must not look whole
    }
  }
}
