import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { organizationInPath } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { AppConfig } from '../config/app-config.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiOrganizationId } from '../http/api-organization-id.decorator.js';
import {
  type Retention,
  type RetentionDays,
  RETENTION_FIELDS,
  RetentionRepository,
} from './retention.repository.js';
import { UpdateRetentionDto } from './dto/update-retention.dto.js';
import { RetentionResponse, toRetentionResponse } from './retention.response.js';

/** REST of how long an organization keeps what. */
@ApiTags('privacy')
@ApiBearerAuth()
@Access('manage')
@Controller('api/organizations/:id/retention')
export class RetentionController {
  constructor(
    private readonly retention: RetentionRepository,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOrganizationId()
  @ApiOperation({ summary: 'Read how long the organization keeps what' })
  @ApiAnswer({ retention: RetentionResponse }, { description: 'The settings, or the defaults.' })
  @ApiErrors(400, 'organization_not_found')
  async get(@Scope() scope: OrganizationScope, @Param('id') id: string) {
    return this.answer(await this.retention.findRetention(organizationInPath(scope, id)));
  }

  @Patch()
  @ApiOrganizationId()
  @ApiOperation({
    summary: 'Change how long the organization keeps what',
    description:
      'What is older is deleted in the background, within an hour or so. Messages that wait to be processed or sent are kept however old they are, and so are delivered rows that could not be read. Entries of the audit log are kept for the days that the operator sets (`AUDIT_MIN_DAYS`, 365 by default) at least.',
  })
  @ApiAnswer({ retention: RetentionResponse }, { description: 'The settings as they are now.' })
  @ApiErrors(400, 'organization_not_found', 413, 415)
  async update(
    @Scope() scope: OrganizationScope,
    @Param('id') id: string,
    @Body() input: UpdateRetentionDto,
  ) {
    const organizationId = organizationInPath(scope, id);
    const current = found(await this.retention.findRetention(organizationId));
    const changes = changesOf(input);
    refuseBodiesWithoutRows({ ...current, ...changes });
    refuseShortAudit(changes.audit_days, this.config.auditMinDays);
    return this.answer(await this.retention.updateRetention(organizationId, changes));
  }

  private answer(retention: Retention | null) {
    return { success: true, retention: toRetentionResponse(found(retention), this.config.auditMinDays) };
  }
}

function changesOf(input: UpdateRetentionDto): Partial<RetentionDays> {
  return Object.fromEntries(
    RETENTION_FIELDS.flatMap((field) => (input[field] === undefined ? [] : [[field, input[field]]])),
  );
}

/** A body is part of its row. */
function refuseBodiesWithoutRows({ inbox_bodies_days: bodies, inbox_days: rows }: RetentionDays): void {
  if (rows !== null && (bodies === null || bodies > rows)) {
    const message = 'must not be longer than inbox_days: a body is kept in its row';
    throw new AppError('validation_failed', {
      message: `The input is invalid: inbox_bodies_days: ${message}.`,
      details: [{ path: 'inbox_bodies_days', message }],
    });
  }
}

/** What an organization did is not its own to forget. */
function refuseShortAudit(days: number | null | undefined, minDays: number): void {
  if (typeof days === 'number' && days < minDays) {
    const message = `must be at least ${minDays}, which the operator of the service sets (AUDIT_MIN_DAYS)`;
    throw new AppError('validation_failed', {
      message: `The input is invalid: audit_days: ${message}.`,
      details: [{ path: 'audit_days', message }],
    });
  }
}

function found(retention: Retention | null): Retention {
  if (retention === null) {
    throw new AppError('organization_not_found');
  }
  return retention;
}
