import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import type { Principal } from '../auth/principal.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey } from '../http/idempotency-key.decorator.js';
import { PageDto } from '../http/page.dto.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import { ApiKeyId, KEY_TEXT, toIssuedAnswer } from './api-keys.docs.js';
import { ApiKeyResponse, toApiKeyResponse } from './api-key.response.js';
import { KEYS_LEFT, toKeysLeftAnswer } from './keys-left.js';
import { ApiKeysService } from './api-keys.service.js';
import { CreateAdminApiKeyDto } from './dto/create-admin-api-key.dto.js';
import { AdminKeysQueryDto } from './dto/keys-query.dto.js';
import { RotateApiKeyDto } from './dto/rotate-api-key.dto.js';

const WHOLE_SERVICE = null;

/** REST of the administrators' own API keys, which may do everything. */
@ApiTags('admin')
@ApiBearerAuth()
@Access('admin')
@Controller('api/admin/api-keys')
export class AdminApiKeysController {
  constructor(
    private readonly service: ApiKeysService,
    private readonly keys: ApiKeysRepository,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the API keys of the whole service, newest first' })
  @ApiAnswer(
    { api_keys: [ApiKeyResponse], ...PAGE_CURSORS },
    { name: 'ApiKeysPage', description: 'One page.' },
  )
  @ApiErrors(400)
  async list(@Query() { limit, cursor }: PageDto) {
    const page = await this.keys.listKeys(WHOLE_SERVICE, { limit, cursor });
    return { success: true, api_keys: page.items.map(toApiKeyResponse), ...cursorsOf(page) };
  }

  @Post()
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Create an API key that may do everything' })
  @ApiAnswer(
    { api_key: ApiKeyResponse, key: KEY_TEXT },
    { name: 'IssuedKeyAnswer', description: 'The key, shown once.' },
  )
  @ApiErrors(400, 'idempotency_key_reused', 413, 415)
  async create(
    @Caller() caller: Principal,
    @Body() input: CreateAdminApiKeyDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return toIssuedAnswer(await this.service.create(caller, WHOLE_SERVICE, ['admin'], input, key), response);
  }

  @Post(':keyId/rotate')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiKeyId()
  @ApiOperation({ summary: 'Let a new key take the place of one' })
  @ApiBody({ type: RotateApiKeyDto, required: false })
  @ApiAnswer(
    { api_key: ApiKeyResponse, key: KEY_TEXT },
    { name: 'IssuedKeyAnswer', description: 'The new key, shown once.' },
  )
  @ApiErrors(400, 'api_key_not_found', 'api_key_not_usable', 'idempotency_key_reused', 413, 415)
  async rotate(
    @Caller() caller: Principal,
    @Param('keyId', IdPipe) keyId: string,
    @Body() input: RotateApiKeyDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return toIssuedAnswer(await this.service.rotate(caller, WHOLE_SERVICE, keyId, input, key), response);
  }

  @Delete(':keyId')
  @ApiKeyId()
  @ApiOperation({
    summary: 'Revoke an API key of the whole service',
    description:
      'Keys of the whole service that it made end with it, unless `keys` is `keep`. Those that it made for organizations stay, unless `keys` is `all`.',
  })
  @ApiAnswer(KEYS_LEFT, {
    name: 'KeysLeftAnswer',
    description: 'Revoked, with the keys that it made; a hundred of each at most.',
  })
  @ApiErrors(400, 'api_key_not_found', 'api_key_in_use')
  async revoke(
    @Caller() caller: Principal,
    @Param('keyId', IdPipe) keyId: string,
    @Query() { keys }: AdminKeysQueryDto,
  ) {
    const made = await this.service.revoke(caller, WHOLE_SERVICE, keyId, keys);
    return { success: true, ...toKeysLeftAnswer(made) };
  }
}
