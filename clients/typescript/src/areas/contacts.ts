import type { Calls } from '../calls.js';
import type { CallOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { Contact, QueryOf } from '../schemas.js';

/** People who wrote, or were written to. */
export class Contacts extends Listing<QueryOf<'/api/contacts'>, Contact> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(
    query: QueryOf<'/api/contacts'> = {},
    options: CallOptions = {},
  ): Promise<Page<Contact>> {
    const { data } = await this.calls.GET('/api/contacts', { params: { query }, ...options });
    return pageOf(data.contacts, data.next_cursor);
  }

  async get(id: string, options: CallOptions = {}): Promise<Contact> {
    const { data } = await this.calls.GET('/api/contacts/{id}', { params: { path: { id } }, ...options });
    return data.contact;
  }

  async rename(id: string, name: string, options: CallOptions = {}): Promise<Contact> {
    const { data } = await this.calls.PATCH('/api/contacts/{id}', {
      params: { path: { id } },
      body: { name },
      ...options,
    });
    return data.contact;
  }

  /** Sends read receipts for what is unread. @returns how many messages that were */
  async read(id: string, options: CallOptions = {}): Promise<number> {
    const { data } = await this.calls.POST('/api/contacts/{id}/read', {
      params: { path: { id } },
      ...options,
    });
    return data.read;
  }
}
