import { Inject, Injectable } from '@nestjs/common';
import { phoneVariants } from '../common/phone-number.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull, storableText } from './column-values.js';
import {
  boundOf,
  formsOf,
  keyIn,
  NEWEST_FIRST,
  type Page,
  pageOf,
  type PageOrder,
  type PageRequest,
  rowsToFetch,
  UUID_KEY,
} from './page.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import type { BookingPolicy } from './ingest-item.js';
import { type Once, onceColumns } from './once.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

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
  /** Words that all have to be in the name or the number; a whole number in any form under which WhatsApp may know it. */
  search?: string | undefined;
  /** Newest first where it is left out. */
  sort?: ContactSort | undefined;
  /** This number (digits), in any form under which WhatsApp may know it. */
  phoneNumber?: string | undefined;
  /** Only these; the id of one that was joined with another stands for that one. */
  ids?: string[] | undefined;
}

/** What became part of a contact. */
export interface ContactMerge {
  /** Takes it back; null where WhatsApp said that both are one person. */
  mergeId: string | null;
  contactId: string;
  mergedInto: string;
  mergedAt: string;
  mergedBy: 'person' | 'whatsapp';
  /** Of the contact that it was; null where there is nothing to take back. */
  phoneNumber: string | null;
  lid: string | null;
  name: string | null;
}

interface MergeRow {
  merge_id: string | null;
  contact_id: string;
  merged_into: string;
  merged_at: string;
  merged_by: 'person' | 'whatsapp';
  phone_number: string | null;
  lid: string | null;
  name: string | null;
}

/** By the beginning of the name, which is as much as the database sorts by. */
const SORTED_BY = 40;
const BY_NAME = { columns: ['name', 'id'], forms: [/^[^]{0,80}$/, UUID_KEY] } as const;
/** What lists of contacts can be sorted by; a `-` before it turns the order round. */
export const CONTACT_ORDERS = {
  '-created_at': NEWEST_FIRST,
  created_at: { ...NEWEST_FIRST, isDescending: false, name: 'created_at' },
  name: { ...BY_NAME, isDescending: false, name: 'name' },
  '-name': { ...BY_NAME, isDescending: true, name: '-name' },
} satisfies Record<string, PageOrder<'created_at' | 'name' | 'id'>>;
export type ContactSort = keyof typeof CONTACT_ORDERS;

const COLUMNS = 'id,organization_id,phone_number,lid,name,name_source,created_at,updated_at,last_message_at';
export type ContactRow = RowWith<'contacts', typeof COLUMNS>;

/** The `contacts` table; contacts are made by the functions that store messages. */
@Injectable()
export class ContactsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  async searchContacts(organizationId: string, search: ContactSearch): Promise<Page<Contact>> {
    const order: PageOrder<'created_at' | 'name' | 'id'> = CONTACT_ORDERS[search.sort ?? '-created_at'];
    const p = {
      organization_id: organizationId,
      numbers: search.phoneNumber === undefined ? null : phoneVariants(search.phoneNumber),
      ids: search.ids,
      ...contactSearch(search.search),
      sort: search.sort,
      ...boundOf(search, formsOf(order)),
      limit: rowsToFetch(search),
    };
    const rows = await answerOf<ContactRow[]>(this.client.rpc('search_contacts', { p }));
    return pageOf(rows, search, toContact, (row) =>
      keyIn(order)({ ...row, name: Array.from(row.name).slice(0, SORTED_BY).join('') }),
    );
  }

  /**
   * @param id also of a contact that was joined with another one
   * @returns the contact, which has another id then
   */
  async findContact(organizationId: string, id: string): Promise<Contact | null> {
    const p = { organization_id: organizationId, contact_id: id };
    const row = await answerOrNullOf<ContactRow>(this.client.rpc('find_contact', { p }));
    return row && toContact(row);
  }

  /**
   * @param id also of a contact that was joined with another one
   * @param change.name null for the one that the contact gives itself, from its next message on
   * @param change.versions of its name, of which it must have one; any where they are left out
   * @returns the contact and the committed events; null where there is none
   * @throws AppError `changed_meanwhile`
   */
  async renameContact(
    organizationId: string,
    id: string,
    { name, versions }: { name: string | null; versions?: string[] | undefined },
  ): Promise<{ contact: Contact; events: OutgoingEvent[] } | null> {
    const p = {
      organization_id: organizationId,
      contact_id: id,
      name: name && storableText(name),
      ...(versions !== undefined && { versions }),
    };
    const answer = await answerOrNullOf<{ id: string; events: OutgoingEventRow[] }>(
      this.client.rpc('rename_contact', { p }),
    );
    const contact = answer && (await this.findContact(organizationId, answer.id));
    return contact && { contact, events: answer!.events.map(toOutgoingEvent) };
  }

  /** @returns the id of the contact with which this one was joined; null where it was not */
  async findMerged(organizationId: string, id: string): Promise<string | null> {
    const contact = await this.findContact(organizationId, id);
    return contact === null || contact.id === id ? null : contact.id;
  }

  /** @returns what became part of a contact, the last first */
  async listMerges(organizationId: string, contactId: string): Promise<ContactMerge[]> {
    const p = { organization_id: organizationId, contact_id: contactId };
    const rows = await answerOf<MergeRow[]>(this.client.rpc('list_merges', { p }));
    return rows.map((row) => ({
      mergeId: row.merge_id,
      contactId: row.contact_id,
      mergedInto: row.merged_into,
      mergedAt: isoTime(row.merged_at),
      mergedBy: row.merged_by,
      phoneNumber: row.phone_number,
      lid: row.lid,
      name: row.name,
    }));
  }

  /**
   * Makes one contact of two, because a person says so.
   * @param merge.contactId of the one that stays; either also of a contact that was joined with another one
   * @returns the merge, the id of the contact and the committed events; null where one of the two is not there
   * @throws AppError `already_one_contact`, `contact_being_erased`, `organization_closed`, `idempotency_key_reused`
   */
  async mergeContacts(
    organizationId: string,
    merge: { contactId: string; mergedId: string; bookingPolicy: BookingPolicy; once?: Once | undefined },
  ): Promise<{ mergeId: string; contactId: string; events: OutgoingEvent[]; isReplay: boolean } | null> {
    const p = {
      organization_id: organizationId,
      contact_id: merge.contactId,
      merged_contact_id: merge.mergedId,
      booking_policy: merge.bookingPolicy,
      ...onceColumns(merge.once),
    };
    const answer = await answerOrNullOf<{
      merge_id: string;
      contact_id: string;
      events: OutgoingEventRow[];
      is_replay: boolean;
    }>(this.client.rpc('merge_people', { p }));
    return (
      answer && {
        mergeId: answer.merge_id,
        contactId: answer.contact_id,
        events: answer.events.map(toOutgoingEvent),
        isReplay: answer.is_replay,
      }
    );
  }

  /**
   * Takes a merge back.
   * @returns the contact that is one of its own again, without `contactId` where there is no such merge; null where there is no contact
   * @throws AppError `merged_by_whatsapp`, `contact_being_erased`, `organization_closed`
   */
  async unmergeContact(
    organizationId: string,
    contactId: string,
    mergeId: string,
  ): Promise<{ contactId: string | null; events: OutgoingEvent[] } | null> {
    const p = { organization_id: organizationId, contact_id: contactId, merge_id: mergeId };
    const answer = await answerOrNullOf<{ contact_id: string | null; events?: OutgoingEventRow[] }>(
      this.client.rpc('unmerge_people', { p }),
    );
    return answer && { contactId: answer.contact_id, events: (answer.events ?? []).map(toOutgoingEvent) };
  }
}

/** @returns what a search for contacts asks of the database; digits alone may be any form of a number, however it is written */
export function contactSearch(search: string | undefined): { search?: string; parts?: string[] } {
  const text = storableText((search ?? '').replaceAll('\0', '').trim());
  const digits = text.replace(/[\s()+.-]/g, '');
  return {
    ...(text !== '' && { search: text }),
    ...(/^\d+$/.test(digits) && { parts: phoneVariants(digits) }),
  };
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
