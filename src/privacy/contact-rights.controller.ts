import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Controller, Delete, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import type { Principal } from '../auth/principal.js';
import { Scope } from '../auth/scope.decorator.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { toContactResponse } from '../contacts/contact.response.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { ContactsRepository } from '../repositories/contacts.repository.js';
import { ContactErasure } from './contact-erasure.js';
import { ContactExport } from './contact-export.js';
import { ExportPlaces } from './export-places.js';
import { ErasureResponse, toErasureResponse } from './erasure.response.js';
import { ErasureSettings } from './erasure-settings.js';

const STATUS_URL = {
  type: 'string',
  description:
    'Where the receipt is read: `erased_at` is null while the erasure goes on, and `counts` tells how far it is.',
  example: '/api/erasures/7d0c…?organization_id=org_123',
};

/** REST of what a person may ask of an organization: a copy of everything, and to be forgotten. */
@ApiTags('privacy')
@ApiBearerAuth()
@Access('manage')
@Controller('api/contacts/:id')
export class ContactRightsController {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly exporter: ContactExport,
    private readonly erasure: ContactErasure,
    private readonly settings: ErasureSettings,
    private readonly places: ExportPlaces,
  ) {}

  @Post('export')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Export everything about a contact as one JSON file',
    description:
      'Contact with its former addresses and the ids of contacts that were joined with it, messages (those that the person wrote in groups, too), notes, bookings, delivered rows of the inbox with what they say, the ledger of unreadable messages, memberships in groups, and events, with counts. Written while it is read from the database: a file without `counts` at its end is not complete.',
  })
  @ApiOkResponse({
    description: 'The file.',
    headers: {
      'Content-Disposition': {
        description: 'That it is to be saved, and its name.',
        schema: { type: 'string' },
      },
    },
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  @ApiErrors(400, 'contact_not_found', 'too_many_exports')
  async export(
    @Scope() scope: OrganizationScope,
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
    @Res() response: Response,
  ): Promise<void> {
    const contact = await this.contacts.findContact(organizationOf(scope, query.organization_id), id);
    if (contact === null) {
      throw new AppError('contact_not_found');
    }
    const giveBack = this.places.take(caller);
    response.set({
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="contact-${contact.id}.json"`,
    });
    // A pipeline listens to its end several times over, beside those who count and log the call.
    response.setMaxListeners(20);
    // One piece ahead of the reader, who may be slow: between two pieces nothing of the database is held.
    const pieces = Readable.from(this.exporter.write(contact, toContactResponse(contact, id)), {
      highWaterMark: 1,
    });
    try {
      await pipeline(pieces, response);
    } catch (error) {
      if (!isAbandoned(error)) {
        throw error; // the answer is cut off: what came of it must not look whole
      }
    } finally {
      giveBack();
    }
  }

  @Delete()
  @ApiId()
  @ApiOperation({
    summary: 'Erase a contact and everything about it',
    description:
      'Deletes the contact, its messages (those in groups, too), its membership in groups, notes, bookings and encryption keys; empties its rows of the inbox, its events (their sequence stays gapless, with `{ "erased": true }` as payload) and its entries in the ledger. What WhatsApp delivers again of it is dropped; a new message makes a new contact. Asked again, it answers the same receipt. Where it takes longer than some seconds the answer is 202, and it goes on by itself.',
  })
  @ApiAnswer({ receipt: ErasureResponse }, { description: 'Erased. The receipt is kept.' })
  @ApiAnswer(
    { receipt: ErasureResponse, status_url: STATUS_URL },
    { status: 202, description: 'Begun. It goes on by itself; `status_url` tells how far it is.' },
  )
  @ApiErrors(400, 'contact_not_found', 'too_many_erasures')
  async erase(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
    @Res({ passthrough: true }) response: Response,
  ) {
    const organizationId = organizationOf(scope, query.organization_id);
    const { answerWithinMs } = this.settings;
    // Of a contact that was joined with another one, whoever it became is erased; one that is gone has its receipt.
    const contactId = (await this.contacts.findContact(organizationId, id))?.id ?? id;
    const erasure = await this.erasure.eraseWithin(organizationId, contactId, answerWithinMs);
    const receipt = toErasureResponse(erasure);
    if (receipt.erased_at !== null) {
      return { success: true, receipt };
    }
    response.status(202);
    const status_url = `/api/erasures/${receipt.id}?organization_id=${organizationId}`;
    return { success: true, receipt, status_url };
  }
}

/** The caller went away. */
function isAbandoned(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
