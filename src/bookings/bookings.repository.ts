import { Inject, Injectable } from '@nestjs/common';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull, storableText } from '../repositories/column-values.js';
import { ContactsRepository } from '../repositories/contacts.repository.js';
import { type OutgoingEventRow, toOutgoingEvent } from '../repositories/outgoing-event-row.js';
import {
  keyIn,
  NEWEST_FIRST,
  type Page,
  pageOf,
  type PageOrder,
  type PageRequest,
  pageQuery,
} from '../repositories/page.js';
import { answerOrNullOf, rowsOf } from '../repositories/supabase-error.js';

export type BookingStatus = 'pending' | 'confirmed' | 'cancelled' | 'completed';

export interface Booking {
  id: string;
  organizationId: string;
  contactId: string;
  instanceId: string | null;
  status: BookingStatus;
  source: string;
  /** Why the service opened it by itself; null where somebody made it. */
  reason: string | null;
  /** One of the organization's services, and how that was called then. */
  serviceId: string | null;
  service: string | null;
  title: string | null;
  notes: string | null;
  startsAt: string | null;
  endsAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** What people say of a booking; times as ISO 8601. */
export interface BookingWords {
  status?: BookingStatus | undefined;
  title?: string | null | undefined;
  notes?: string | null | undefined;
  startsAt?: string | null | undefined;
  endsAt?: string | null | undefined;
  serviceId?: string | null | undefined;
}

/** A booking with what names this state of it. */
export interface VersionedBooking {
  booking: Booking;
  version: string;
}

const BY_START = { columns: ['starts_at', 'id'], forms: NEWEST_FIRST.forms } as const;
/** What lists of bookings can be sorted by; a `-` before it turns the order round. */
export const BOOKING_ORDERS = {
  '-created_at': NEWEST_FIRST,
  created_at: { ...NEWEST_FIRST, isDescending: false, name: 'created_at' },
  starts_at: { ...BY_START, isDescending: false, name: 'starts_at' },
  '-starts_at': { ...BY_START, isDescending: true, name: '-starts_at' },
} satisfies Record<string, PageOrder<'created_at' | 'starts_at' | 'id'>>;
export type BookingSort = keyof typeof BOOKING_ORDERS;

type BookingFilter = PageRequest & {
  contactId?: string | undefined;
  status?: BookingStatus | undefined;
  /** It begins then or later. */
  startsFrom?: string | undefined;
  /** It begins earlier. */
  startsBefore?: string | undefined;
  /** Newest first where it is left out. */
  sort?: BookingSort | undefined;
};

const COLUMNS =
  'id,organization_id,contact_id,instance_id,status,source,reason,service_id,service,title,notes,starts_at,ends_at,created_at,updated_at';
export type BookingRow = RowWith<'bookings', typeof COLUMNS>;
type VersionedRow = BookingRow & { version: string };

/** The `bookings` table; those that clients' messages open are made by `InboxRepository.ingest`. */
@Injectable()
export class BookingsRepository {
  constructor(
    @Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient,
    private readonly contacts: ContactsRepository,
  ) {}

  /** Those of a contact also under the id of one that was joined with it. */
  async listBookings(organizationId: string, filter: BookingFilter): Promise<Page<Booking>> {
    const page = await this.readPage(organizationId, filter);
    if (page.items.length > 0 || filter.contactId === undefined) {
      return page;
    }
    const contactId = await this.contacts.findMerged(organizationId, filter.contactId);
    return contactId === null ? page : this.readPage(organizationId, { ...filter, contactId });
  }

  /** @returns null where there is none */
  async findBooking(organizationId: string, id: string): Promise<VersionedBooking | null> {
    const p = { organization_id: organizationId, id };
    const row = await answerOrNullOf<VersionedRow>(this.client.rpc('find_booking', { p }));
    return row && toVersioned(row);
  }

  /**
   * Makes a booking of a contact: once, where calls have a key.
   * @param once the caller's key for it, and a digest of what was asked
   * @returns the booking, the committed events, and whether an earlier call had made it; null for a contact that is not there
   * @throws AppError `organization_closed`, `idempotency_key_reused`, `unknown_service`
   */
  async createBooking(
    organizationId: string,
    contactId: string,
    words: BookingWords,
    once?: { key: string; requestHash: string },
  ): Promise<(VersionedBooking & { events: OutgoingEvent[]; isReplay: boolean }) | null> {
    const p = {
      organization_id: organizationId,
      contact_id: contactId,
      ...columnsOf(words),
      ...(once && { idempotency_key: once.key, request_hash: once.requestHash }),
    };
    const answer = await answerOrNullOf<{
      booking: VersionedRow;
      events: OutgoingEventRow[];
      is_replay: boolean;
    }>(this.client.rpc('create_booking', { p }));
    return (
      answer && {
        ...toVersioned(answer.booking),
        events: answer.events.map(toOutgoingEvent),
        isReplay: answer.is_replay,
      }
    );
  }

  /**
   * Changes what is given of a booking.
   * @param versions of which it must have one; any where they are left out
   * @returns the booking and the committed events; null where there is none
   * @throws AppError `invalid_transition`, `booking_ends_too_early`, `changed_meanwhile`, `unknown_service`
   */
  async changeBooking(
    organizationId: string,
    id: string,
    words: BookingWords,
    versions?: string[],
  ): Promise<(VersionedBooking & { events: OutgoingEvent[] }) | null> {
    const p = {
      organization_id: organizationId,
      id,
      changes: columnsOf(words),
      ...(versions && { versions }),
    };
    const answer = await answerOrNullOf<{ booking: VersionedRow; events: OutgoingEventRow[] }>(
      this.client.rpc('change_booking', { p }),
    );
    return answer && { ...toVersioned(answer.booking), events: answer.events.map(toOutgoingEvent) };
  }

  private async readPage(organizationId: string, filter: BookingFilter): Promise<Page<Booking>> {
    const order: PageOrder<'created_at' | 'starts_at' | 'id'> = BOOKING_ORDERS[filter.sort ?? '-created_at'];
    let query = this.client.from('bookings').select(COLUMNS).eq('organization_id', organizationId);
    if (filter.contactId !== undefined) {
      query = query.eq('contact_id', filter.contactId);
    }
    if (filter.status !== undefined) {
      query = query.eq('status', filter.status);
    }
    if (filter.startsFrom !== undefined) {
      query = query.gte('starts_at', filter.startsFrom);
    }
    if (filter.startsBefore !== undefined) {
      query = query.lt('starts_at', filter.startsBefore);
    }
    if (order.columns.includes('starts_at')) {
      query = query.not('starts_at', 'is', null);
    }
    const rows = await rowsOf(pageQuery(query, filter, order));
    return pageOf(rows, filter, toBooking, keyIn(order));
  }
}

/** The columns of what is given; what is not is missing, for it stays as it is. */
function columnsOf({ status, title, notes, startsAt, endsAt, serviceId }: BookingWords) {
  return {
    ...(status !== undefined && { status }),
    ...(title !== undefined && { title: title && storableText(title) }),
    ...(notes !== undefined && { notes: notes && storableText(notes) }),
    ...(startsAt !== undefined && { starts_at: startsAt }),
    ...(endsAt !== undefined && { ends_at: endsAt }),
    ...(serviceId !== undefined && { service_id: serviceId }),
  };
}

function toVersioned(row: VersionedRow): VersionedBooking {
  return { booking: toBooking(row), version: row.version };
}

export function toBooking(row: BookingRow): Booking {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contactId: row.contact_id,
    instanceId: row.instance_id,
    status: row.status,
    source: row.source,
    reason: row.reason,
    serviceId: row.service_id,
    service: row.service,
    title: row.title,
    notes: row.notes,
    startsAt: isoTimeOrNull(row.starts_at),
    endsAt: isoTimeOrNull(row.ends_at),
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
