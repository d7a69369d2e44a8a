import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { pickFields } from '../http/fields-field.decorator.js';
import { entityTag, IF_MATCH, versionsOf } from '../http/entity-tag.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { ContactMergeResponse, toContactMergeResponse } from './contact-merge.response.js';
import { contactVersion, nameVersion } from './contact-version.js';
import { ContactResponse, toContactResponse } from './contact.response.js';
import { ContactsService } from './contacts.service.js';
import { MergeContactsDto } from './dto/merge-contacts.dto.js';
import { RenameContactDto } from './dto/rename-contact.dto.js';
import { SearchContactsDto } from './dto/search-contacts.dto.js';
import { UnmergeContactDto } from './dto/unmerge-contact.dto.js';

/** REST of an organization's clients. */
@ApiTags('contacts')
@ApiBearerAuth()
@Access('read')
@Controller('api/contacts')
export class ContactsController {
  constructor(private readonly service: ContactsService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Search contacts, filters in the body' })
  @ApiAnswer(
    { contacts: [ContactResponse], ...PAGE_CURSORS },
    { name: 'ContactsPage', description: 'One page, newest first unless `sort` says otherwise.' },
  )
  @ApiErrors(400, 413, 415)
  searchByBody(@Scope() scope: OrganizationScope, @Body() input: SearchContactsDto) {
    return this.search(scope, input);
  }

  @Audited()
  @Get()
  @ApiOperation({ summary: 'Search contacts, filters in the query' })
  @ApiAnswer(
    { contacts: [ContactResponse], ...PAGE_CURSORS },
    { name: 'ContactsPage', description: 'One page, newest first unless `sort` says otherwise.' },
  )
  @ApiErrors(400)
  searchByQuery(@Scope() scope: OrganizationScope, @Query() input: SearchContactsDto) {
    return this.search(scope, input);
  }

  @Get(':id')
  @ApiId()
  @ApiOperation({
    summary: 'Read one contact',
    description:
      'The id of a contact that was joined with another one leads on for ever: the answer is the contact that it became, with `merged_into`.',
  })
  @ApiAnswer(
    { contact: ContactResponse, merges: [ContactMergeResponse] },
    {
      description:
        'The contact, and what became part of it, the last first (200 at most); `ETag` names this state of it.',
    },
  )
  @ApiErrors(400, 'contact_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const contact = await this.service.getContact(scope, id, query.organization_id);
    const merges = await this.service.listMerges(contact);
    const shown = { contact: toContactResponse(contact, id), merges: merges.map(toContactMergeResponse) };
    response.set('ETag', entityTag(contactVersion(contact, shown)));
    return { success: true, ...shown };
  }

  @Post(':id/merge')
  @Access('send')
  @HttpCode(200)
  @ApiId()
  @ApiIdempotencyKey()
  @ApiOperation({
    summary: 'Make one contact of two that are one person',
    description:
      'Messages, notes and bookings of the other one are this one’s from now on, and so is what comes from or goes to its addresses; its id leads here. Nothing unread counts as read. Where one open booking is the rule, of those that messages opened the oldest stays. `unmerge` takes it back without loss.',
  })
  @ApiAnswer(
    { merge_id: { type: 'string', format: 'uuid' }, contact: ContactResponse },
    { description: 'The contact as it is now; `merge_id` takes the merge back.' },
  )
  @ApiErrors(
    400,
    'contact_not_found',
    'already_one_contact',
    'contact_being_erased',
    'organization_closed',
    'idempotency_key_reused',
    413,
    415,
  )
  async merge(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: MergeContactsDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { contact, mergeId, isReplay } = await this.service.mergeContacts(scope, id, input, key);
    markReplay(response, isReplay);
    return { success: true, merge_id: mergeId, contact: toContactResponse(contact) };
  }

  @Post(':id/unmerge')
  @Access('send')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Take a merge back',
    description:
      'The other contact is there again, under its id, with everything that was its own; what came since is whose address it came from or went to. What was merged into it stays part of it: merges are taken back in any order. Bookings that the merge cancelled are open again. What was read of both was read of each.',
  })
  @ApiAnswer(
    { contact: ContactResponse, unmerged: ContactResponse },
    { description: 'The contact that stays, and the one that is one of its own again.' },
  )
  @ApiErrors(
    400,
    'contact_not_found',
    'merge_not_found',
    'merged_by_whatsapp',
    'contact_being_erased',
    'organization_closed',
    413,
    415,
  )
  async unmerge(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: UnmergeContactDto,
  ) {
    const { contact, unmerged } = await this.service.unmergeContact(scope, id, input);
    return { success: true, contact: toContactResponse(contact), unmerged: toContactResponse(unmerged) };
  }

  @Patch(':id')
  @Access('send')
  @ApiId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    summary: 'Name a contact',
    description:
      '`name: null` takes the name away: the contact’s own one is back with its next message. With `If-Match` a message that came meanwhile is no change, another name is.',
  })
  @ApiAnswer(
    { contact: ContactResponse },
    { description: 'The contact as it is now; `ETag` names this state of it.' },
  )
  @ApiErrors(400, 'contact_not_found', 'changed_meanwhile', 413, 415)
  async rename(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: RenameContactDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { organization_id: organizationId, name } = input;
    const versions = versionsOf(ifMatch)?.map(nameVersion);
    const contact = await this.service.renameContact(scope, id, organizationId, { name, versions });
    const shown = { contact: toContactResponse(contact, id) };
    response.set('ETag', entityTag(contactVersion(contact, shown)));
    return { success: true, ...shown };
  }

  @Post(':id/read')
  @Access('send')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Mark what a contact wrote as read',
    description:
      'Nothing of it counts as unread any more, and the contact sees read receipts, unless the account hides them: `receipts` of them, none where the instance is off line.',
  })
  @ApiAnswer(
    { read: { type: 'integer', example: 3 }, receipts: { type: 'integer', example: 3 } },
    { description: 'How many messages were unread.' },
  )
  @ApiErrors(400, 'contact_not_found')
  async read(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
  ) {
    const { read, told } = await this.service.readContact(scope, id, query.organization_id);
    return { success: true, read, receipts: told };
  }

  private async search(scope: OrganizationScope, input: SearchContactsDto) {
    const page = await this.service.searchContacts(scope, input);
    return {
      success: true,
      contacts: page.items.map((contact) => pickFields(toContactResponse(contact), input.fields, 'id')),
      ...cursorsOf(page),
    };
  }
}
