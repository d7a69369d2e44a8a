import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
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
import { InvitationsRepository } from '../repositories/invitations.repository.js';
import { InvitationResponse, toInvitationResponse } from './invitation.response.js';
import { InvitationsService } from './invitations.service.js';
import { OrganizationIdPipe } from './organization-id.pipe.js';
import { OrganizationsService } from './organizations.service.js';

/** REST of those who were asked to be members, for an organization's owners. */
@ApiTags('organizations')
@ApiBearerAuth()
@Access('manage')
@Controller('api/organizations/:id/invitations')
export class InvitationsController {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly service: InvitationsService,
    private readonly invitations: InvitationsRepository,
  ) {}

  @Get()
  @ApiOrganizationId()
  @ApiOperation({
    summary: 'List whom the organization asks to be a member, newest first',
    description:
      'Made by `PUT /api/organizations/{id}/members/{userId}`. Those that expired are not shown; those that were declined are until then.',
  })
  @ApiAnswer({ invitations: [InvitationResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400, 'organization_not_found')
  async list(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Query() { limit, cursor }: PageDto,
  ) {
    await this.organizations.find(caller, scope, id);
    const page = await this.invitations.listInvitations(id, { limit, cursor });
    return {
      success: true,
      invitations: page.items.map(toInvitationResponse),
      ...cursorsOf(page),
    };
  }

  @Delete(':invitationId')
  @ApiOrganizationId()
  @ApiId('invitationId')
  @ApiOperation({
    summary: 'Withdraw an invitation',
    description: 'One that was answered or expired is 404 `invitation_not_found`.',
  })
  @ApiAnswer({ invitation: InvitationResponse }, { description: 'Withdrawn.' })
  @ApiErrors(400, 'organization_not_found', 'invitation_not_found')
  async withdraw(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', OrganizationIdPipe) id: string,
    @Param('invitationId', IdPipe) invitationId: string,
  ) {
    await this.organizations.find(caller, scope, id);
    return {
      success: true,
      invitation: toInvitationResponse(await this.service.withdraw(id, invitationId)),
    };
  }
}
