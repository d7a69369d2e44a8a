import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import type { Principal } from '../auth/principal.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiOrganizationId } from '../http/api-organization-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey } from '../http/idempotency-key.decorator.js';
import { PageDto } from '../http/page.dto.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import { ApiKeyId, KEY_TEXT, toIssuedAnswer } from './api-keys.docs.js';
import { ApiKeyResponse, toApiKeyResponse } from './api-key.response.js';
import { KEYS_LEFT, toKeysLeftAnswer } from './keys-left.js';
import { ApiKeysService } from './api-keys.service.js';
import { CreateApiKeyDto } from './dto/create-api-key.dto.js';
import { KeysQueryDto } from './dto/keys-query.dto.js';
import { RotateApiKeyDto } from './dto/rotate-api-key.dto.js';
import { OrganizationIdPipe } from './organization-id.pipe.js';
import { OrganizationsService } from './organizations.service.js';

const NOT_HELD = ['scope_not_held', 'expiry_not_held'] as const;
/** REST of an organization's API keys, for its owners. */
@ApiTags('organizations')
@ApiBearerAuth()
@Access('manage')
@Controller('api/organizations/:id/api-keys')
export class ApiKeysController {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly service: ApiKeysService,
    private readonly keys: ApiKeysRepository,
  ) {}

  @Get()
  @ApiOrganizationId()
  @ApiOperation({ summary: 'List the API keys of an organization, newest first' })
  @ApiAnswer(
    { api_keys: [ApiKeyResponse], ...PAGE_CURSORS },
    { name: 'ApiKeysPage', description: 'One page; those that may no longer be used, too.' },
  )
  @ApiErrors(400, 'organization_not_found')
  async list(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Query() { limit, cursor }: PageDto,
  ) {
    await this.organizations.find(caller, scope, id);
    const page = await this.keys.listKeys(id, { limit, cursor });
    return { success: true, api_keys: page.items.map(toApiKeyResponse), ...cursorsOf(page) };
  }

  @Post()
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOrganizationId()
  @ApiOperation({
    summary: 'Create an API key',
    description:
      'An organization has at most 100 keys that may be used (409 `too_many_api_keys`), rotated ones that live on included. A key that ends makes none that ends later: where no end is asked for, the new one ends with it, and a later one is refused (403 `expiry_not_held`).',
  })
  @ApiAnswer(
    { api_key: ApiKeyResponse, key: KEY_TEXT },
    { name: 'IssuedKeyAnswer', description: 'The key, shown once.' },
  )
  @ApiErrors(
    400,
    'organization_not_found',
    ...NOT_HELD,
    'organization_closed',
    'too_many_api_keys',
    'idempotency_key_reused',
    413,
    415,
  )
  async create(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Body() input: CreateApiKeyDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.organizations.find(caller, scope, id);
    return toIssuedAnswer(await this.service.create(caller, id, input.scopes, input, key), response);
  }

  @Post(':keyId/rotate')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOrganizationId()
  @ApiKeyId()
  @ApiOperation({
    summary: 'Let a new key take the place of one',
    description:
      'The new key has the same name and scopes. The old one lives on for `overlap_seconds`, which must not be 0 where it rotates itself (409 `api_key_in_use`). The new one ends no later than the key that the call is made with (403 `expiry_not_held` where that is asked for).',
  })
  @ApiBody({ type: RotateApiKeyDto, required: false })
  @ApiAnswer(
    { api_key: ApiKeyResponse, key: KEY_TEXT },
    { name: 'IssuedKeyAnswer', description: 'The new key, shown once.' },
  )
  @ApiErrors(
    400,
    'organization_not_found',
    'api_key_not_found',
    ...NOT_HELD,
    'api_key_not_usable',
    'api_key_in_use',
    'organization_closed',
    'too_many_api_keys',
    'idempotency_key_reused',
    413,
    415,
  )
  async rotate(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Param('keyId', IdPipe) keyId: string,
    @Body() input: RotateApiKeyDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.organizations.find(caller, scope, id);
    return toIssuedAnswer(await this.service.rotate(caller, id, keyId, input, key), response);
  }

  @Delete(':keyId')
  @ApiOrganizationId()
  @ApiKeyId()
  @ApiOperation({
    summary: 'Revoke an API key',
    description:
      'At once and everywhere: the next call is refused, and open sockets are ended. So end the keys that it made, and those that these made, unless `keys` is `keep`; the one that took its place by rotation stays.',
  })
  @ApiAnswer(KEYS_LEFT, { name: 'KeysLeftAnswer', description: 'Revoked, with the keys that it made.' })
  @ApiErrors(400, 'organization_not_found', 'api_key_not_found', 'api_key_in_use')
  async revoke(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Param('keyId', IdPipe) keyId: string,
    @Query() { keys }: KeysQueryDto,
  ) {
    await this.organizations.find(caller, scope, id);
    return { success: true, ...toKeysLeftAnswer(await this.service.revoke(caller, id, keyId, keys)) };
  }
}
