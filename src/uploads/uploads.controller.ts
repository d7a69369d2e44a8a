import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { isMultipart } from '../http/multipart-type.js';
import { readForm } from './multipart.js';
import { toUploadResponse, UploadResponse } from './upload.response.js';
import { MAX_FILE_BYTES, UploadsService } from './uploads.service.js';

/** REST of files that are to be sent. */
@ApiTags('media')
@ApiBearerAuth()
@Controller('api/media')
export class UploadsController {
  constructor(private readonly service: UploadsService) {}

  @Post()
  @Access('send')
  @Audited()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Upload a file to be sent',
    description: 'As the part `file` of a form, streamed. Sent by `media: { id }` within a day.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', format: 'binary' } },
    },
  })
  @ApiAnswer({ media: UploadResponse }, { description: 'The file is stored.' })
  @ApiIdempotencyKey()
  @ApiErrors(
    400,
    413,
    415,
    'idempotency_key_reused',
    'media_quota_exceeded',
    'media_disk_full',
    'media_store_unavailable',
  )
  async upload(
    @Scope() scope: OrganizationScope,
    @Query() query: OrganizationDto,
    @Req() request: Request,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const organizationId = organizationOf(scope, query.organization_id);
    if (!isMultipart(request)) {
      throw new AppError('unsupported_media_type', {
        message: 'Send the file as the part `file` of a form: Content-Type: multipart/form-data.',
      });
    }
    const { file } = await readForm(
      request,
      ({ stream }) => this.service.receive(stream, MAX_FILE_BYTES),
      (taken) => this.service.discard(taken),
    );
    if (!file) {
      throw new AppError('validation_failed', {
        message: 'The input is invalid: file: is required.',
        details: [{ path: 'file', message: 'is required' }],
      });
    }
    const kept = await this.service.keepOnce(organizationId, file, key);
    markReplay(response, kept.isReplay);
    return { success: true, media: toUploadResponse(kept.file) };
  }
}
