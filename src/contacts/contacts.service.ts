import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { type Contact, ContactsRepository } from '../repositories/contacts.repository.js';
import type { Page } from '../repositories/page.js';
import type { SearchContactsDto } from './dto/search-contacts.dto.js';

/** Looking contacts up. */
@Injectable()
export class ContactsService {
  constructor(private readonly contacts: ContactsRepository) {}

  /** @throws AppError as `organizationOf` */
  searchContacts(scope: OrganizationScope, input: SearchContactsDto): Promise<Page<Contact>> {
    return this.contacts.searchContacts(organizationOf(scope, input.organization_id), {
      search: input.search,
      phoneNumber: input.phone_number,
      limit: input.limit,
      cursor: input.cursor,
    });
  }

  /**
   * @param id also of a contact that was joined with another one, which is the answer then
   * @throws AppError `contact_not_found`
   */
  async getContact(
    scope: OrganizationScope,
    id: string,
    organizationId: string | undefined,
  ): Promise<Contact> {
    const contact = await this.contacts.findContact(organizationOf(scope, organizationId), id);
    if (contact === null) {
      throw new AppError('contact_not_found');
    }
    return contact;
  }
}
