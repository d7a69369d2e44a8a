import { Inject, Injectable } from '@nestjs/common';
import { phoneVariants } from '../common/phone-number.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull, storableText } from './column-values.js';
import { creationKey, type Page, pageOf, type PageRequest, readCreationCursor, rowsToFetch } from './page.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { answerOf, answerOrNullOf, rowsOf } from './supabase-error.js';

/** A client of an organization. */
export interface Contact {
  id: string;
  organizationId: string;
  /** Digits; null while only the LID is known, and once the number is somebody else's. */
  phoneNumber: string | null;
  lid: string | null;
  /** `Unknown` until somebody names it. */
  name: string;
  /** Who gave the name: nobody, the contact itself, or a person of the organization. */
  nameSource: 'unknown' | 'push' | 'person';
  createdAt: string;
  updatedAt: string;
  lastMessageAt: string | null;
}

export interface ContactSearch extends PageRequest {
  /** Part of the name or of the number; a whole number in any form under which WhatsApp may know it. */
  search?: string | undefined;
  /** This number (digits), in any form under which WhatsApp may know it. */
  phoneNumber?: string | undefined;
}

const COLUMNS = 'id,organization_id,phone_number,lid,name,name_source,created_at,updated_at,last_message_at';
export type ContactRow = RowWith<'contacts', typeof COLUMNS>;

/** The `contacts` table; contacts are made by the functions that store messages. */
@Injectable()
export class ContactsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** Newest first. */
  async searchContacts(organizationId: string, search: ContactSearch): Promise<Page<Contact>> {
    const text = storableText((search.search ?? '').replaceAll('\0', '').trim());
    const [time, id] = search.cursor === undefined ? [] : readCreationCursor(search.cursor);
    const p = {
      organization_id: organizationId,
      numbers: search.phoneNumber === undefined ? null : phoneVariants(search.phoneNumber),
      ...(text !== '' && { name: containing(text), parts: phoneVariants(text).map(containing) }),
      before_time: time ?? null,
      before_id: id ?? null,
      limit: rowsToFetch(search),
    };
    const rows = await answerOf<ContactRow[]>(this.client.rpc('search_contacts', { p }));
    return pageOf(rows, search, toContact, creationKey);
  }

  /**
   * @param id also of a contact that was joined with another one
   * @returns the contact, which has another id then
   */
  async findContact(organizationId: string, id: string): Promise<Contact | null> {
    const contact = await this.readContact(organizationId, id);
    if (contact) {
      return contact;
    }
    const mergedInto = await this.findMerged(organizationId, id);
    return mergedInto === null ? null : this.readContact(organizationId, mergedInto);
  }

  /**
   * @param id also of a contact that was joined with another one
   * @param name null for the one that the contact gives itself, from its next message on
   * @returns the contact and the committed events; null where there is none
   */
  async renameContact(
    organizationId: string,
    id: string,
    name: string | null,
  ): Promise<{ contact: Contact; events: OutgoingEvent[] } | null> {
    const p = { organization_id: organizationId, contact_id: id, name: name && storableText(name) };
    const answer = await answerOrNullOf<{ id: string; events: OutgoingEventRow[] }>(
      this.client.rpc('rename_contact', { p }),
    );
    const contact = answer && (await this.findContact(organizationId, answer.id));
    return contact && { contact, events: answer!.events.map(toOutgoingEvent) };
  }

  /** @returns the id of the contact with which this one was joined; null where it was not */
  async findMerged(organizationId: string, id: string): Promise<string | null> {
    const query = this.client
      .from('merged_contacts')
      .select('merged_into')
      .eq('organization_id', organizationId)
      .eq('contact_id', id);
    return (await rowsOf(query))[0]?.merged_into ?? null;
  }

  private async readContact(organizationId: string, id: string): Promise<Contact | null> {
    const rows = await rowsOf(
      this.table().select(COLUMNS).eq('organization_id', organizationId).eq('id', id),
    );
    return rows[0] ? toContact(rows[0]) : null;
  }

  private table() {
    return this.client.from('contacts');
  }
}

/** @returns the pattern of `like` for whatever contains this text */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

export function toContact(row: ContactRow): Contact {
  return {
    id: row.id,
    organizationId: row.organization_id,
    phoneNumber: row.phone_number,
    lid: row.lid,
    name: row.name,
    nameSource: row.name_source,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
    lastMessageAt: isoTimeOrNull(row.last_message_at),
  };
}
