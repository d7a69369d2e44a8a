import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime } from '../repositories/column-values.js';
import { ContactsRepository } from '../repositories/contacts.repository.js';
import {
  creationKey,
  olderThan,
  type Page,
  pageOf,
  type PageRequest,
  rowsToFetch,
} from '../repositories/page.js';
import { rowsOf } from '../repositories/supabase-error.js';

export type BookingStatus = 'pending' | 'confirmed' | 'cancelled' | 'completed';

export interface Booking {
  id: string;
  organizationId: string;
  contactId: string;
  instanceId: string | null;
  status: BookingStatus;
  source: string;
  createdAt: string;
  updatedAt: string;
}

type BookingFilter = PageRequest & { contactId?: string | undefined; status?: BookingStatus | undefined };

const COLUMNS = 'id,organization_id,contact_id,instance_id,status,source,created_at,updated_at';
export type BookingRow = RowWith<'bookings', typeof COLUMNS>;

/** The `bookings` table; bookings are made by `InboxRepository.ingest`. */
@Injectable()
export class BookingsRepository {
  constructor(
    @Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient,
    private readonly contacts: ContactsRepository,
  ) {}

  /** Newest first. Those of a contact also under the id of one that was joined with it. */
  async listBookings(organizationId: string, filter: BookingFilter): Promise<Page<Booking>> {
    const page = await this.readPage(organizationId, filter);
    if (page.items.length > 0 || filter.contactId === undefined) {
      return page;
    }
    const contactId = await this.contacts.findMerged(organizationId, filter.contactId);
    return contactId === null ? page : this.readPage(organizationId, { ...filter, contactId });
  }

  private async readPage(organizationId: string, filter: BookingFilter): Promise<Page<Booking>> {
    let query = this.client.from('bookings').select(COLUMNS).eq('organization_id', organizationId);
    if (filter.contactId !== undefined) {
      query = query.eq('contact_id', filter.contactId);
    }
    if (filter.status !== undefined) {
      query = query.eq('status', filter.status);
    }
    if (filter.cursor !== undefined) {
      query = query.or(olderThan(filter.cursor));
    }
    const sorted = query
      .order('created_at', { ascending: false })
      .order('id', { ascending: false })
      .limit(rowsToFetch(filter));
    return pageOf(await rowsOf(sorted), filter, toBooking, creationKey);
  }
}

export function toBooking(row: BookingRow): Booking {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contactId: row.contact_id,
    instanceId: row.instance_id,
    status: row.status,
    source: row.source,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
