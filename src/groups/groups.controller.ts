import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { GroupsRepository } from '../repositories/groups.repository.js';
import { ListGroupsDto } from './dto/list-groups.dto.js';
import {
  GroupDetailResponse,
  GroupResponse,
  toGroupDetailResponse,
  toGroupResponse,
} from './group.response.js';

/** REST of the groups. What is written in one is in the list of messages. */
@ApiTags('groups')
@ApiBearerAuth()
@Access('read')
@Controller('api/groups')
export class GroupsController {
  constructor(private readonly groups: GroupsRepository) {}

  @Audited()
  @Get()
  @ApiOperation({
    summary: 'List groups, newest first',
    description:
      'Those of instances that store groups (`PATCH` with `groups`), from when they were first heard of.',
  })
  @ApiAnswer({ groups: [GroupResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListGroupsDto) {
    const page = await this.groups.listGroups(organizationOf(scope, query.organization_id), {
      instanceId: query.instance_id,
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, groups: page.items.map(toGroupResponse), ...cursorsOf(page) };
  }

  @Audited()
  @Get(':id')
  @ApiId()
  @ApiOperation({
    summary: 'Read one group, its members and what was changed',
    description: 'What is written in it: `GET /api/messages?group_id=`.',
  })
  @ApiAnswer({ group: GroupDetailResponse }, { description: 'The group.' })
  @ApiErrors(400, 'group_not_found')
  async get(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    const group = await this.groups.findGroup(scope, id);
    if (group === null) {
      throw new AppError('group_not_found');
    }
    return { success: true, group: toGroupDetailResponse(group) };
  }
}
