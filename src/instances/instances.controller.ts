import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { NamedInstance } from '../auth/named-instance.decorator.js';
import { narrowScope } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import { logoutState } from '../common/logout.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { CreatedInstanceResponse } from './created-instance.response.js';
import { CreateInstanceDto } from './dto/create-instance.dto.js';
import { ListInstancesDto } from './dto/list-instances.dto.js';
import { UpdateInstanceDto } from './dto/update-instance.dto.js';
import { toCreatedInstanceResponse, toInstanceResponse } from './instance-views.js';
import { InstanceResponse } from './instance.response.js';
import { LogoutResponse, toLogoutResponse } from './logout.response.js';
import { InstancesService } from './instances.service.js';

/** REST of the instances as objects. */
@ApiTags('instances')
@ApiBearerAuth()
@Controller('api/whatsapp/instances')
export class InstancesController {
  constructor(
    private readonly service: InstancesService,
    private readonly instances: InstancesRepository,
  ) {}

  @Post()
  @Access('manage')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Create an instance',
    description: 'An organization has at most 1000 instances, deleted ones aside (409 `too_many_instances`).',
  })
  @ApiAnswer({ instance: CreatedInstanceResponse }, { description: 'Instance created.' })
  @ApiIdempotencyKey()
  @ApiErrors(400, 'organization_closed', 'too_many_instances', 'idempotency_key_reused', 413, 415)
  async create(
    @Scope() scope: OrganizationScope,
    @Body() input: CreateInstanceDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { instance, isReplay } = await this.service.createInstance(scope, input, key);
    markReplay(response, isReplay);
    return { success: true, instance: toCreatedInstanceResponse(instance) };
  }

  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List instances, newest first' })
  @ApiAnswer({ instances: [InstanceResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListInstancesDto) {
    const { organization_id, limit, cursor, status } = query;
    const page = await this.instances.listInstances(narrowScope(scope, organization_id), {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(status === undefined ? {} : { status }),
    });
    return { success: true, instances: page.items.map(toInstanceResponse), ...cursorsOf(page) };
  }

  @Get(':id')
  @Access('read')
  @ApiId()
  @ApiOperation({ summary: 'Read one instance' })
  @ApiAnswer({ instance: InstanceResponse }, { description: 'The instance.' })
  @ApiErrors(400, 'instance_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
  ) {
    return { success: true, instance: toInstanceResponse(await this.service.getInstance(scope, id, read)) };
  }

  @Patch(':id')
  @Access('manage')
  @ApiId()
  @ApiOperation({ summary: "Change an instance's name or the owner's number" })
  @ApiAnswer({ instance: InstanceResponse }, { description: 'The instance as it is now.' })
  @ApiErrors(400, 'instance_not_found', 413, 415)
  async update(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: UpdateInstanceDto,
  ) {
    return {
      success: true,
      instance: toInstanceResponse(await this.service.updateInstance(scope, id, input)),
    };
  }

  @Delete(':id')
  @Access('manage')
  @ApiId()
  @ApiOperation({
    summary: 'Disconnect an instance and mark it as deleted',
    description:
      'Logs the device out of WhatsApp and wipes its session. `connect` restores the instance. Where WhatsApp does not confirm the logout in time, for instance because the line is down, the answer is 202: the instance is deleted, the device is still linked, and logging it out goes on for LOGOUT_HOURS, across restarts.',
  })
  @ApiAnswer({}, { description: 'Deleted, and no device is linked any more.' })
  @ApiAnswer(
    {
      status_url: {
        type: 'string',
        example: '/api/whatsapp/instances/1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11/logout',
        description: 'Says how far it is.',
      },
      logout: LogoutResponse,
    },
    {
      status: 202,
      description: 'Deleted; the device is not logged out yet, or can not be. Ask `status_url`.',
    },
  )
  @ApiErrors(400, 'instance_not_found')
  async delete(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    const logout = await this.service.deleteInstance(scope, id);
    if (logout === null || logoutState(logout.result) === 'done') {
      return { success: true };
    }
    response.status(202);
    const status_url = `/api/whatsapp/instances/${id}/logout`;
    return { success: true, status_url, logout: toLogoutResponse(logout) };
  }

  @Get(':id/logout')
  @Access('read')
  @ApiId()
  @ApiOperation({
    summary: "Check how far a deleted instance's device is with being logged out",
    description: 'Stays after it is over, until `connect` restores the instance.',
  })
  @ApiAnswer({ logout: LogoutResponse }, { description: 'How far it is.' })
  @ApiErrors(400, 'instance_not_found', 'logout_not_found')
  async logout(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    return { success: true, logout: toLogoutResponse(await this.service.getLogout(scope, id)) };
  }
}
