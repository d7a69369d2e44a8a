import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, NEXT_CURSOR } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { NotesRepository } from './notes.repository.js';
import { ListNotesDto } from './dto/list-notes.dto.js';
import { NoteResponse, toNoteResponse } from './note.response.js';

/** REST of the owner's notes. */
@ApiTags('notes')
@ApiBearerAuth()
@Access('read')
@Controller('api/notes')
export class NotesController {
  constructor(private readonly notes: NotesRepository) {}

  @Audited()
  @Get()
  @ApiOperation({ summary: "List the owner's notes, the last stored first" })
  @ApiAnswer(
    { notes: [NoteResponse], next_cursor: NEXT_CURSOR },
    { description: 'One page; shorter than `limit` where its texts are long.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListNotesDto) {
    const page = await this.notes.listNotes(organizationOf(scope, query.organization_id), {
      contactId: query.contact_id,
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, notes: page.items.map(toNoteResponse), next_cursor: page.nextCursor };
  }
}
