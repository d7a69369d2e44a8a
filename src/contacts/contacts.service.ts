import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { ReadsRepository, type UnreadChat } from '../repositories/reads.repository.js';
import { type Contact, ContactsRepository } from '../repositories/contacts.repository.js';
import type { Page } from '../repositories/page.js';
import type { SearchContactsDto } from './dto/search-contacts.dto.js';

/** Looking contacts up. */
@Injectable()
export class ContactsService {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly reads: ReadsRepository,
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly bus: DomainEventBus,
  ) {}

  /**
   * Marks what a contact wrote as read, and has WhatsApp told where there is a line.
   * @returns how many messages nobody had read, and of how many WhatsApp was told
   * @throws AppError `contact_not_found`
   */
  async readContact(
    scope: OrganizationScope,
    id: string,
    organizationId: string | undefined,
  ): Promise<{ read: number; told: number }> {
    const organization = organizationOf(scope, organizationId);
    const unread = await this.reads.readContact(organization, id);
    if (unread === null) {
      throw new AppError('contact_not_found');
    }
    if (unread.events.length > 0) {
      this.bus.emit('events.committed', unread.events);
    }
    const chats = Map.groupBy(unread.chats, ({ instanceId }) => instanceId);
    const told = await Promise.all(
      [...chats].map(([instanceId, ofInstance]) => this.tell(instanceId, ofInstance)),
    );
    return { read: unread.count, told: told.reduce((sum, count) => sum + count, 0) };
  }

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

  /**
   * @param name null for the one that the contact gives itself
   * @throws AppError `contact_not_found`
   */
  async renameContact(
    scope: OrganizationScope,
    id: string,
    organizationId: string | undefined,
    name: string | null,
  ): Promise<Contact> {
    const renamed = await this.contacts.renameContact(organizationOf(scope, organizationId), id, name);
    if (renamed === null) {
      throw new AppError('contact_not_found');
    }
    if (renamed.events.length > 0) {
      this.bus.emit('events.committed', renamed.events);
    }
    return renamed.contact;
  }

  /** @returns of how many messages WhatsApp was told: none without a line, since that is said now or never */
  private async tell(instanceId: string, chats: UnreadChat[]): Promise<number> {
    const instance = await this.instances.findInstance('all', instanceId);
    if (instance?.status !== 'connected') {
      return 0;
    }
    try {
      await this.sessions.act(instance, { action: 'read', chats });
      return chats.reduce((sum, { ids }) => sum + ids.length, 0);
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw error;
      }
      return 0;
    }
  }
}
