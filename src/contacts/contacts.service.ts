import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { AppConfig } from '../config/app-config.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { ReadsRepository, type UnreadChat } from '../repositories/reads.repository.js';
import { type Contact, type ContactMerge, ContactsRepository } from '../repositories/contacts.repository.js';
import { once } from '../repositories/once.js';
import type { Page } from '../repositories/page.js';
import type { MergeContactsDto } from './dto/merge-contacts.dto.js';
import type { SearchContactsDto } from './dto/search-contacts.dto.js';
import type { UnmergeContactDto } from './dto/unmerge-contact.dto.js';

/** Contacts as people see and order them. */
@Injectable()
export class ContactsService {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly reads: ReadsRepository,
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly bus: DomainEventBus,
    private readonly config: AppConfig,
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
    this.announce(unread.events);
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
      ids: input.ids?.split(','),
      sort: input.sort,
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
   * @param change.name null for the one that the contact gives itself
   * @param change.versions of its name, of which it must have one; any where they are left out
   * @throws AppError `contact_not_found`, `changed_meanwhile`
   */
  async renameContact(
    scope: OrganizationScope,
    id: string,
    organizationId: string | undefined,
    change: { name: string | null; versions: string[] | undefined },
  ): Promise<Contact> {
    const renamed = await this.contacts.renameContact(organizationOf(scope, organizationId), id, change);
    if (renamed === null) {
      throw new AppError('contact_not_found');
    }
    this.announce(renamed.events);
    return renamed.contact;
  }

  /** @returns what became part of the contact, the last first */
  listMerges({ organizationId, id }: Contact): Promise<ContactMerge[]> {
    return this.contacts.listMerges(organizationId, id);
  }

  /**
   * Makes one contact of two, because a person says so.
   * @param id of the one that stays
   * @param key the caller's name for this call
   * @throws AppError `contact_not_found`, `already_one_contact`, `contact_being_erased`, `organization_closed`,
   *   `idempotency_key_reused`
   */
  async mergeContacts(
    scope: OrganizationScope,
    id: string,
    input: MergeContactsDto,
    key: string | undefined,
  ): Promise<{ contact: Contact; mergeId: string; isReplay: boolean }> {
    const organizationId = organizationOf(scope, input.organization_id);
    const merged = await this.contacts.mergeContacts(organizationId, {
      contactId: id,
      mergedId: input.contact_id,
      bookingPolicy: this.config.bookingPolicy,
      once: once('POST /api/contacts/:id/merge', key, [id, input.contact_id]),
    });
    if (merged === null) {
      throw new AppError('contact_not_found');
    }
    this.announce(merged.events);
    const contact = await this.getContact(scope, merged.contactId, organizationId);
    return { contact, mergeId: merged.mergeId, isReplay: merged.isReplay };
  }

  /**
   * Takes a merge back.
   * @returns the contact that stays, and the one that is one of its own again
   * @throws AppError `contact_not_found`, `merge_not_found`, `merged_by_whatsapp`, `contact_being_erased`, `organization_closed`
   */
  async unmergeContact(
    scope: OrganizationScope,
    id: string,
    input: UnmergeContactDto,
  ): Promise<{ contact: Contact; unmerged: Contact }> {
    const organizationId = organizationOf(scope, input.organization_id);
    const stayed = await this.getContact(scope, id, organizationId);
    const undone = await this.contacts.unmergeContact(organizationId, id, input.merge_id);
    if (undone === null) {
      throw new AppError('contact_not_found');
    }
    if (undone.contactId === null) {
      throw new AppError('merge_not_found');
    }
    this.announce(undone.events);
    return {
      contact: await this.getContact(scope, stayed.id, organizationId),
      unmerged: await this.getContact(scope, undone.contactId, organizationId),
    };
  }

  private announce(events: OutgoingEvent[]): void {
    if (events.length > 0) {
      this.bus.emit('events.committed', events);
    }
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
