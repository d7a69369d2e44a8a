import { Inject, Injectable } from '@nestjs/common';
import { phoneVariants } from '../common/phone-number.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from './column-values.js';
import { creationKey, olderThan, type Page, pageOf, type PageRequest, rowsToFetch } from './page.js';
import { rowsOf } from './supabase-error.js';

/** A client of an organization. */
export interface Contact {
  id: string;
  organizationId: string;
  /** Digits; null while only the LID is known. */
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
type ContactRow = RowWith<'contacts', typeof COLUMNS>;

/** The `contacts` table; contacts are made by the functions that store messages. */
@Injectable()
export class ContactsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** Newest first. */
  async searchContacts(organizationId: string, search: ContactSearch): Promise<Page<Contact>> {
    let query = this.table().select(COLUMNS).eq('organization_id', organizationId);
    if (search.phoneNumber !== undefined) {
      query = query.in('phone_number', phoneVariants(search.phoneNumber));
    }
    const text = search.search?.trim();
    if (text) {
      const numbers = phoneVariants(text).map((variant) => `phone_number.like.${containing(variant)}`);
      query = query.or([`name.ilike.${containing(text)}`, ...numbers].join(','));
    }
    if (search.cursor !== undefined) {
      query = query.or(olderThan(search.cursor));
    }
    const sorted = query
      .order('created_at', { ascending: false })
      .order('id', { ascending: false })
      .limit(rowsToFetch(search));
    return pageOf(await rowsOf(sorted), search, toContact, creationKey);
  }

  async findContact(organizationId: string, id: string): Promise<Contact | null> {
    const rows = await rowsOf(
      this.table().select(COLUMNS).eq('organization_id', organizationId).eq('id', id),
    );
    return rows[0] ? toContact(rows[0]) : null;
  }

  /**
   * @param variants digits that may all mean the same phone, the most likely first
   * @returns the contact of the first variant that has one
   */
  async findContactByPhone(organizationId: string, variants: string[]): Promise<Contact | null> {
    if (variants.length === 0) {
      return null;
    }
    const rows = await rowsOf(
      this.table().select(COLUMNS).eq('organization_id', organizationId).in('phone_number', variants),
    );
    for (const variant of variants) {
      const row = rows.find((candidate) => candidate.phone_number === variant);
      if (row) {
        return toContact(row);
      }
    }
    return null;
  }

  private table() {
    return this.client.from('contacts');
  }
}

/**
 * A quoted `like` pattern for PostgREST's `or` syntax. PostgREST reads `*` as `%` and has no escape for it, so a star
 * of the user's matches any one character instead.
 */
function containing(text: string): string {
  const literal = text
    .replaceAll('\0', '')
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '_');
  return `"*${literal.replace(/[\\"]/g, '\\$&')}*"`;
}

function toContact(row: ContactRow): Contact {
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
