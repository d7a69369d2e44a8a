import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import type { Principal } from '../auth/principal.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { InvitationsRepository } from '../repositories/invitations.repository.js';
import { KeysQueryDto } from './dto/keys-query.dto.js';
import { MyInvitationResponse, toMyInvitationResponse } from './invitation.response.js';
import { InvitationsService } from './invitations.service.js';
import { KEYS_LEFT, toKeysLeftAnswer } from './keys-left.js';
import { MeResponse, toMeResponse } from './me.response.js';
import { MembersService } from './members.service.js';
import { OrganizationIdPipe } from './organization-id.pipe.js';

/** REST of the caller: who that is, and what a user decides alone, which organizations to be a member of. */
@ApiTags('me')
@ApiBearerAuth()
@Access('user')
@Controller('api/me')
export class MeController {
  constructor(
    private readonly service: InvitationsService,
    private readonly invitations: InvitationsRepository,
    private readonly members: MembersService,
  ) {}

  @Get()
  @Access('token')
  @ApiOperation({
    summary: 'Say who the token is, and what it may do',
    description: 'Also for a user who is a member of nothing yet: `organizations` is empty then.',
  })
  @ApiAnswer({ me: MeResponse }, { description: 'The caller.' })
  @ApiErrors()
  me(@Caller() caller: Principal) {
    return { success: true, me: toMeResponse(caller) };
  }

  @Get('invitations')
  @ApiOperation({
    summary: 'List the organizations that ask the user to be a member, newest first',
    description: 'For the token of a user. There are never more than 20 or so, so there is one page.',
  })
  @ApiAnswer({ invitations: [MyInvitationResponse] }, { description: 'All that wait for an answer.' })
  @ApiErrors()
  async list(@Caller() { id: userId }: Principal) {
    const invitations = await this.invitations.invitationsOf(userId);
    return { success: true, invitations: invitations.map(toMyInvitationResponse) };
  }

  @Post('invitations/:id/accept')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({ summary: 'Become a member' })
  @ApiAnswer({ invitation: MyInvitationResponse }, { description: 'The user is a member now.' })
  @ApiErrors(400, 'invitation_not_found', 'organization_closed', 'too_many_members')
  async accept(@Caller() { id: userId }: Principal, @Param('id', IdPipe) id: string) {
    return { success: true, invitation: toMyInvitationResponse(await this.service.accept(userId, id)) };
  }

  @Post('invitations/:id/decline')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Decline an invitation',
    description: 'The organization does not ask again before the invitation would have expired.',
  })
  @ApiAnswer({ invitation: MyInvitationResponse }, { description: 'Declined.' })
  @ApiErrors(400, 'invitation_not_found')
  async decline(@Caller() { id: userId }: Principal, @Param('id', IdPipe) id: string) {
    return { success: true, invitation: toMyInvitationResponse(await this.service.decline(userId, id)) };
  }

  @Delete('memberships/:organizationId')
  @ApiParam({ name: 'organizationId', schema: { type: 'string', example: 'org_123' } })
  @ApiOperation({
    summary: 'Leave an organization',
    description: 'As removing a member does, with the keys that the user made.',
  })
  @ApiAnswer(KEYS_LEFT, { name: 'KeysLeftAnswer', description: 'Left, with the keys that the user made.' })
  @ApiErrors(400, 'member_not_found', 'last_owner')
  async leave(
    @Caller() caller: Principal,
    @Param('organizationId', OrganizationIdPipe) organizationId: string,
    @Query() { keys }: KeysQueryDto,
  ) {
    const left = await this.members.remove(caller, organizationId, caller.id, keys);
    return { success: true, ...toKeysLeftAnswer(left) };
  }
}
