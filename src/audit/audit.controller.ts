import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { narrowScope } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { AuditRepository } from '../repositories/audit.repository.js';
import { AuditLog } from './audit-log.js';
import { AuditEntryResponse, toAuditEntryResponse } from './audit-entry.response.js';
import { ListAuditDto } from './dto/list-audit.dto.js';

/** REST of the audit log. */
@ApiTags('admin')
@ApiBearerAuth()
@Access('manage')
@Controller('api/admin/audit')
export class AuditController {
  constructor(
    private readonly entries: AuditRepository,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List who did what, newest first',
    description:
      'Every change, every refused change, and every reading of many messages, contacts, notes, bookings or events. An administrator sees all; others what is about the organizations that they manage.',
  })
  @ApiAnswer({ entries: [AuditEntryResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListAuditDto) {
    await this.audit.flush(); // a reader right after a call wants to see how it ended
    const page = await this.entries.listEntries(narrowScope(scope, query.organization_id), {
      actorId: query.actor_id,
      action: query.action,
      objectType: query.object_type,
      objectId: query.object_id,
      outcome: query.outcome,
      from: toDate(query.from),
      to: toDate(query.to),
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, entries: page.items.map(toAuditEntryResponse), ...cursorsOf(page) };
  }
}

function toDate(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
