import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, NEXT_CURSOR } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { ContactResponse, toContactResponse } from './contact.response.js';
import { ContactsService } from './contacts.service.js';
import { RenameContactDto } from './dto/rename-contact.dto.js';
import { SearchContactsDto } from './dto/search-contacts.dto.js';

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
    { contacts: [ContactResponse], next_cursor: NEXT_CURSOR },
    { name: 'ContactsPage', description: 'One page, newest first.' },
  )
  @ApiErrors(400, 413, 415)
  searchByBody(@Scope() scope: OrganizationScope, @Body() input: SearchContactsDto) {
    return this.search(scope, input);
  }

  @Audited()
  @Get()
  @ApiOperation({ summary: 'Search contacts, filters in the query' })
  @ApiAnswer(
    { contacts: [ContactResponse], next_cursor: NEXT_CURSOR },
    { name: 'ContactsPage', description: 'One page, newest first.' },
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
  @ApiAnswer({ contact: ContactResponse }, { description: 'The contact.' })
  @ApiErrors(400, 'contact_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
  ) {
    const contact = await this.service.getContact(scope, id, query.organization_id);
    return { success: true, contact: toContactResponse(contact, id) };
  }

  @Patch(':id')
  @Access('send')
  @ApiId()
  @ApiOperation({
    summary: 'Name a contact',
    description: '`name: null` takes the name away: the contact’s own one is back with its next message.',
  })
  @ApiAnswer({ contact: ContactResponse }, { description: 'The contact as it is now.' })
  @ApiErrors(400, 'contact_not_found', 413, 415)
  async rename(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: RenameContactDto,
  ) {
    const contact = await this.service.renameContact(scope, id, input.organization_id, input.name);
    return { success: true, contact: toContactResponse(contact, id) };
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
      contacts: page.items.map((contact) => toContactResponse(contact)),
      next_cursor: page.nextCursor,
    };
  }
}
