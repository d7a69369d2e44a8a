import { Body, Controller, Get, Headers, Param, Patch, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { AppConfig } from '../config/app-config.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiOrganizationId } from '../http/api-organization-id.decorator.js';
import { entityTag, IF_MATCH, versionsOf } from '../http/entity-tag.js';
import { UpdateSettingsDto } from './dto/update-settings.dto.js';
import type { VersionedSettings } from './settings.repository.js';
import { SettingsResponse, toSettingsResponse } from './settings.response.js';
import { SettingsService } from './settings.service.js';

/** REST of what an organization decides for itself. */
@ApiTags('organizations')
@ApiBearerAuth()
@Controller('api/organizations/:id/settings')
export class SettingsController {
  constructor(
    private readonly service: SettingsService,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Access('read')
  @ApiOrganizationId()
  @ApiOperation({ summary: 'Read what the organization decides for itself' })
  @ApiAnswer(
    { settings: SettingsResponse },
    {
      name: 'SettingsAnswer',
      description: 'The settings, or the defaults; `ETag` names this state of them.',
    },
  )
  @ApiErrors(400, 'organization_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.answer(await this.service.find(scope, id), response);
  }

  @Patch()
  @Access('manage')
  @ApiOrganizationId()
  @ApiOperation({
    summary: 'Change what the organization decides for itself',
    description:
      'Holds for the next message, on every node. Automatic replies are written only to who wrote before, in a chat with one person, within ten minutes of the message, at most 5 an hour and 10 a day to a contact; they leave as any other message does, and say why in `reason`.',
  })
  @ApiHeader(IF_MATCH)
  @ApiAnswer(
    { settings: SettingsResponse },
    { name: 'SettingsAnswer', description: 'The settings as they are now; `ETag` names this state of them.' },
  )
  @ApiErrors(400, 'organization_not_found', 'organization_closed', 'changed_meanwhile', 413, 415)
  async change(
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Body() input: UpdateSettingsDto,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.answer(await this.service.change(scope, id, input, versionsOf(match)), response);
  }

  private answer({ settings, version }: VersionedSettings, response: Response) {
    response.set('ETag', entityTag(version));
    return { success: true, settings: toSettingsResponse(settings, this.config.bookingPolicy) };
  }
}
