import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
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
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { PageDto } from '../http/page.dto.js';
import { LogoutResponse, toLogoutResponse } from '../instances/logout.response.js';
import { OrganizationsRepository } from '../repositories/organizations.repository.js';
import { CreateOrganizationDto } from './dto/create-organization.dto.js';
import { RenameOrganizationDto } from './dto/rename-organization.dto.js';
import { OrganizationIdPipe } from './organization-id.pipe.js';
import { OrganizationResponse, toOrganizationResponse } from './organization.response.js';
import { OrganizationsService } from './organizations.service.js';

/** REST of the tenants. */
@ApiTags('organizations')
@ApiBearerAuth()
@Controller('api/organizations')
export class OrganizationsController {
  constructor(
    private readonly service: OrganizationsService,
    private readonly organizations: OrganizationsRepository,
  ) {}

  @Post()
  @Access('admin')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Create an organization',
    description:
      'For administrators. An administrator who creates an instance for an unknown organization creates it, too.',
  })
  @ApiAnswer({ organization: OrganizationResponse }, { name: 'OrganizationAnswer', description: 'Created.' })
  @ApiIdempotencyKey()
  @ApiErrors(400, 'organization_exists', 'idempotency_key_reused', 413, 415)
  async create(
    @Body() input: CreateOrganizationDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { made, isReplay } = await this.service.create(input, key);
    markReplay(response, isReplay);
    return { success: true, organization: toOrganizationResponse(made) };
  }

  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List the organizations of the token, by id' })
  @ApiAnswer(
    { organizations: [OrganizationResponse], ...PAGE_CURSORS },
    { description: 'One page; closed ones, too.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: PageDto) {
    const { limit, cursor } = query;
    const page = await this.organizations.listOrganizations(scope, { limit, cursor });
    return {
      success: true,
      organizations: page.items.map(toOrganizationResponse),
      ...cursorsOf(page),
    };
  }

  @Get(':id')
  @Access('read')
  @ApiOrganizationId()
  @ApiOperation({ summary: 'Read one organization' })
  @ApiAnswer(
    { organization: OrganizationResponse },
    { name: 'OrganizationAnswer', description: 'The organization.' },
  )
  @ApiErrors(400, 'organization_not_found')
  async get(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
  ) {
    const organization = await this.service.find(caller, scope, id);
    return { success: true, organization: toOrganizationResponse(organization) };
  }

  @Patch(':id')
  @Access('admin')
  @ApiOrganizationId()
  @ApiOperation({ summary: 'Rename an organization', description: 'For administrators.' })
  @ApiAnswer(
    { organization: OrganizationResponse },
    { name: 'OrganizationAnswer', description: 'The organization as it is now.' },
  )
  @ApiErrors(400, 'organization_not_found', 413, 415)
  async rename(@Param('id', OrganizationIdPipe) id: string, @Body() input: RenameOrganizationDto) {
    return { success: true, organization: toOrganizationResponse(await this.service.rename(id, input.name)) };
  }

  @Delete(':id')
  @Access('admin')
  @ApiOrganizationId()
  @ApiOperation({
    summary: 'Close an organization',
    description:
      'For administrators. Deletes its instances as their own routes do, revokes its keys and ends its sockets. It takes nothing new from then on (409 `organization_closed`); what is stored stays.',
  })
  @ApiAnswer({}, { description: 'Closed.' })
  @ApiAnswer(
    { logouts: [LogoutResponse] },
    {
      status: 202,
      description:
        'Closed; devices are still linked: `logouts` shows them, 100 at most, and whether logging them out goes on by itself. May be called again: 200 means that none is left.',
    },
  )
  @ApiErrors(400, 'organization_not_found')
  async close(@Param('id', OrganizationIdPipe) id: string, @Res({ passthrough: true }) response: Response) {
    const { isDone, logouts } = await this.service.close(id);
    if (isDone) {
      return { success: true };
    }
    response.status(202);
    return { success: true, logouts: logouts.map(toLogoutResponse) };
  }
}
