import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { MediaLinkDto } from './dto/media-link.dto.js';
import { ApiPartialBytes } from './media.docs.js';
import { MediaLinkResponse } from './media-link.response.js';
import { MediaLinks } from './media-links.js';
import { MediaService } from './media.service.js';
import { sendRepresentation } from './send-representation.js';

/** REST of addresses at which a browser's player reads a file part by part. */
@ApiTags('messages')
@Controller('api')
export class MediaLinksController {
  constructor(
    private readonly service: MediaService,
    private readonly links: MediaLinks,
  ) {}

  @Post('messages/:id/media/link')
  @ApiBearerAuth()
  @Access('read')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Make an address of the file of a message or a note for a player',
    description:
      'For what can send no token, such as `<video>` in a page, which reads a file part by part. It leads to this file alone, for an hour.',
  })
  @ApiAnswer({ link: MediaLinkResponse }, { description: 'The link.' })
  @ApiErrors(400, 'message_not_found', 'media_not_found', 'media_not_ready')
  async make(@Scope() scope: OrganizationScope, @Param('id', IdPipe) messageId: string) {
    await this.service.fileOf(scope, messageId);
    const { url, expiresAt } = this.links.make({ scope, messageId });
    return { success: true, link: { url, expires_at: expiresAt.toISOString() } };
  }

  @Get('media-link')
  @Access('public')
  @ApiOperation({
    summary: 'Read the file that a link leads to',
    description: 'As `GET /api/messages/{id}/media`, without a token: the address is the secret.',
  })
  @ApiPartialBytes('The file.')
  @ApiErrors(
    400,
    'media_link_invalid',
    'message_not_found',
    'media_not_found',
    'media_not_ready',
    'media_gone',
  )
  async read(
    @Query() { token }: MediaLinkDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { scope, messageId } = this.links.open(token);
    response.set('Referrer-Policy', 'no-referrer');
    await sendRepresentation(await this.service.fileOf(scope, messageId), request, response);
  }
}
