import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import type { Principal } from '../auth/principal.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { entityTag, IF_MATCH, versionsOf } from '../http/entity-tag.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { NotesRepository, type VersionedNote } from './notes.repository.js';
import { ListNotesDto } from './dto/list-notes.dto.js';
import { NoteTextDto } from './dto/note-text.dto.js';
import { NoteResponse, toNoteResponse } from './note.response.js';
import { NotesService } from './notes.service.js';

/** REST of internal notes: the owner's from the phone, and those that people write here. */
@ApiTags('notes')
@ApiBearerAuth()
@Access('read')
@Controller('api')
export class NotesController {
  constructor(
    private readonly notes: NotesRepository,
    private readonly service: NotesService,
  ) {}

  @Audited()
  @Get('notes')
  @ApiOperation({ summary: 'List the notes, the last stored first' })
  @ApiAnswer(
    { notes: [NoteResponse], ...PAGE_CURSORS },
    { description: 'One page; shorter than `limit` where its texts are long.' },
  )
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: ListNotesDto) {
    const page = await this.notes.listNotes(organizationOf(scope, query.organization_id), {
      contactId: query.contact_id,
      limit: query.limit,
      cursor: query.cursor,
    });
    return { success: true, notes: page.items.map(toNoteResponse), ...cursorsOf(page) };
  }

  @Post('contacts/:id/notes')
  @Access('send')
  @HttpCode(200)
  @ApiId()
  @ApiIdempotencyKey()
  @ApiOperation({
    summary: 'Write a note on a contact',
    description:
      'Internal: nothing of it is sent. Its author can change it, and who manages the organization.',
  })
  @ApiAnswer(
    { note: NoteResponse },
    { name: 'NoteAnswer', description: 'The note; `ETag` names this state of it.' },
  )
  @ApiErrors(
    400,
    'contact_not_found',
    'note_not_found',
    'organization_closed',
    'contact_being_erased',
    'idempotency_key_reused',
    413,
    415,
  )
  async create(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: NoteTextDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const made = await this.service.create(caller, scope, id, input, key);
    markReplay(response, made.isReplay);
    return answer(made, response);
  }

  @Get('notes/:id')
  @ApiId()
  @ApiOperation({ summary: 'Read one note' })
  @ApiAnswer(
    { note: NoteResponse },
    { name: 'NoteAnswer', description: 'The note; `ETag` names this state of it.' },
  )
  @ApiErrors(400, 'note_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    return answer(await this.service.find(scope, id, query.organization_id), response);
  }

  @Patch('notes/:id')
  @Access('send')
  @ApiId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    summary: 'Write a note anew',
    description:
      'By its author, or by who manages the organization. What the owner wrote on the phone is changed there.',
  })
  @ApiAnswer(
    { note: NoteResponse },
    { name: 'NoteAnswer', description: 'The note as it is now; `ETag` names this state of it.' },
  )
  @ApiErrors(400, 'note_not_found', 'note_of_another', 'note_of_phone', 'changed_meanwhile', 413, 415)
  async change(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: NoteTextDto,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    return answer(await this.service.change(caller, scope, id, input, versionsOf(match)), response);
  }

  @Delete('notes/:id')
  @Access('send')
  @ApiId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    summary: 'Delete a note',
    description: 'By its author, or by who manages the organization. Nothing of it is left.',
  })
  @ApiAnswer({}, { name: 'Success', description: 'It is deleted.' })
  @ApiErrors(400, 'note_not_found', 'note_of_another', 'note_of_phone', 'changed_meanwhile')
  async delete(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
    @Headers('if-match') match: string | undefined,
  ) {
    await this.service.delete(caller, scope, id, query.organization_id, versionsOf(match));
    return { success: true };
  }
}

function answer({ note, version }: VersionedNote, response: Response) {
  response.set('ETag', entityTag(version));
  return { success: true, note: toNoteResponse(note) };
}
