import { Body, Controller, Delete, Get, Param, Put, Query, Res } from '@nestjs/common';
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
import { ApiId } from '../http/api-id.decorator.js';
import { ApiOrganizationId } from '../http/api-organization-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { PageDto } from '../http/page.dto.js';
import { MembersRepository } from '../repositories/members.repository.js';
import { KeysQueryDto } from './dto/keys-query.dto.js';
import { PutMemberDto } from './dto/put-member.dto.js';
import { KEYS_LEFT, toKeysLeftAnswer } from './keys-left.js';
import { InvitationResponse, toInvitationResponse } from './invitation.response.js';
import { MemberResponse, toMemberResponse } from './member.response.js';
import { MembersService } from './members.service.js';
import { OrganizationIdPipe } from './organization-id.pipe.js';
import { OrganizationsService } from './organizations.service.js';

const ApiUserId = () => ApiId('userId');

/** REST of the members of an organization: users who log in with Supabase. */
@ApiTags('organizations')
@ApiBearerAuth()
@Controller('api/organizations/:id/members')
export class MembersController {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly service: MembersService,
    private readonly members: MembersRepository,
  ) {}

  @Get()
  @Access('read')
  @ApiOrganizationId()
  @ApiOperation({ summary: 'List the members of an organization' })
  @ApiAnswer({ members: [MemberResponse], ...PAGE_CURSORS }, { description: 'One page, by user id.' })
  @ApiErrors(400, 'organization_not_found')
  async list(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Query() { limit, cursor }: PageDto,
  ) {
    await this.organizations.find(caller, scope, id);
    const page = await this.members.listMembers(id, { limit, cursor });
    return { success: true, members: page.items.map(toMemberResponse), ...cursorsOf(page) };
  }

  @Put(':userId')
  @Access('manage')
  @ApiOrganizationId()
  @ApiUserId()
  @ApiOperation({
    summary: 'Invite a user, or change the role of a member',
    description:
      'A user who is no member is asked to be one (202), and has no rights before accepting: `POST /api/me/invitations/{id}/accept`. An administrator makes a member without asking (200). An organization has at most 100 invitations (409 `too_many_invitations`), and a user 20 to answer (409 `user_has_too_many_invitations`); who declined is not asked again for the 14 days of the invitation (409 `invitation_declined`). An organization has at most 1000 members (409 `too_many_members`). Only an administrator takes its last owner from it (409 `last_owner`). Keys that the member made, and that may do more than the role, end, unless `keys` is `keep`. A key that ends can not call this (403 `expiry_not_held`): a member does not end.',
  })
  @ApiAnswer(
    { member: MemberResponse, ...KEYS_LEFT },
    { description: 'The member as it is now, with the keys that the member made.' },
  )
  @ApiAnswer({ invitation: InvitationResponse }, { status: 202, description: 'The user is asked.' })
  @ApiErrors(
    400,
    'organization_not_found',
    'role_not_held',
    'expiry_not_held',
    'last_owner',
    'organization_closed',
    'too_many_members',
    'invitation_declined',
    'too_many_invitations',
    'user_has_too_many_invitations',
    'api_key_in_use',
    413,
    415,
  )
  async put(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Param('userId', IdPipe) userId: string,
    @Query() { keys }: KeysQueryDto,
    @Body() { role }: PutMemberDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.organizations.find(caller, scope, id);
    const put = await this.service.put(caller, id, userId, role, keys);
    if ('invitation' in put) {
      response.status(202);
      return { success: true, invitation: toInvitationResponse(put.invitation) };
    }
    const { member } = put;
    return { success: true, member: toMemberResponse(member), ...toKeysLeftAnswer(member.keys) };
  }

  @Delete(':userId')
  @Access('manage')
  @ApiOrganizationId()
  @ApiUserId()
  @ApiOperation({
    summary: 'Remove a member',
    description:
      'At once: the next call is refused, and open sockets leave the organization. So end the keys that the member made, and those that these made, unless `keys` is `keep`.',
  })
  @ApiAnswer(KEYS_LEFT, {
    name: 'KeysLeftAnswer',
    description: 'Removed, with the keys that the member made.',
  })
  @ApiErrors(400, 'organization_not_found', 'member_not_found', 'last_owner', 'api_key_in_use')
  async remove(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Param('userId', IdPipe) userId: string,
    @Query() { keys }: KeysQueryDto,
  ) {
    await this.organizations.find(caller, scope, id);
    return { success: true, ...toKeysLeftAnswer(await this.service.remove(caller, id, userId, keys)) };
  }
}
