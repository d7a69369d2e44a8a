import { Inject, Injectable } from '@nestjs/common';
import { isoTime, isoTimeOrNull } from '../repositories/column-values.js';
import { type Made, type Once, onceColumns, type ReplayColumns, toMade } from '../repositories/once.js';
import {
  creationKey,
  NEWEST_FIRST,
  type Page,
  pageOf,
  type PageRequest,
  pageQuery,
} from '../repositories/page.js';
import { answerOrNullOf, rowsOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';

/** An address under which calendars read bookings, without its secret part. */
export interface CalendarFeed {
  id: string;
  organizationId: string;
  name: string;
  createdAt: string;
  rotatedAt: string | null;
}

/** A booking as calendars see it. */
export interface CalendarBooking {
  id: string;
  status: 'pending' | 'confirmed' | 'cancelled' | 'completed';
  title: string | null;
  service: string | null;
  notes: string | null;
  contactName: string;
  startsAt: Date;
  endsAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface Calendar {
  name: string;
  bookings: CalendarBooking[];
}

interface CalendarRow {
  name: string;
  bookings: {
    id: string;
    status: CalendarBooking['status'];
    title: string | null;
    service: string | null;
    notes: string | null;
    contact_name: string;
    starts_at: string;
    ends_at: string | null;
    created_at: string;
    updated_at: string;
  }[];
}

const COLUMNS = 'id,organization_id,name,created_at,rotated_at';
type FeedRow = RowWith<'calendar_feeds', typeof COLUMNS>;

/** The `calendar_feeds` table, and what stands in a calendar. */
@Injectable()
export class CalendarRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param named the caller's name for the call: made once under it
   * @returns null where what an earlier call made was deleted
   * @throws AppError `organization_closed`, `too_many_calendar_feeds`, `idempotency_key_reused`
   */
  async insertFeed(
    organizationId: string,
    name: string,
    tokenHash: Buffer,
    named?: Once,
  ): Promise<Made<CalendarFeed> | null> {
    const p = {
      organization_id: organizationId,
      name,
      token_hash: tokenHash.toString('hex'),
      ...onceColumns(named),
    };
    const row = await answerOrNullOf<FeedRow & ReplayColumns>(this.client.rpc('create_calendar_feed', { p }));
    return row && toMade(row, toFeed);
  }

  /** Newest first. */
  async listFeeds(organizationId: string, page: PageRequest): Promise<Page<CalendarFeed>> {
    const query = this.client.from('calendar_feeds').select(COLUMNS).eq('organization_id', organizationId);
    return pageOf(await rowsOf(pageQuery(query, page, NEWEST_FIRST)), page, toFeed, creationKey);
  }

  /** @returns null where there is no such feed */
  async rotateFeed(organizationId: string, id: string, tokenHash: Buffer): Promise<CalendarFeed | null> {
    const values = { token_hash: bytea(tokenHash), rotated_at: new Date().toISOString() };
    const [row] = await rowsOf(
      this.client
        .from('calendar_feeds')
        .update(values)
        .eq('organization_id', organizationId)
        .eq('id', id)
        .select(COLUMNS),
    );
    return row ? toFeed(row) : null;
  }

  /** @returns whether there was such a feed */
  async deleteFeed(organizationId: string, id: string): Promise<boolean> {
    const rows = await rowsOf(
      this.client
        .from('calendar_feeds')
        .delete()
        .eq('organization_id', organizationId)
        .eq('id', id)
        .select('id'),
    );
    return rows.length > 0;
  }

  /** @returns what the calendar with this address shows; null where there is none */
  async readCalendar(tokenHash: Buffer): Promise<Calendar | null> {
    const p = { token_hash: tokenHash.toString('hex') };
    const row = await answerOrNullOf<CalendarRow>(this.client.rpc('read_calendar', { p }));
    return row && { name: row.name, bookings: row.bookings.map(toBooking) };
  }
}

function bytea(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}

function toFeed(row: FeedRow): CalendarFeed {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    createdAt: isoTime(row.created_at),
    rotatedAt: isoTimeOrNull(row.rotated_at),
  };
}

function toBooking(row: CalendarRow['bookings'][number]): CalendarBooking {
  return {
    id: row.id,
    status: row.status,
    title: row.title,
    service: row.service,
    notes: row.notes,
    contactName: row.contact_name,
    startsAt: new Date(row.starts_at),
    endsAt: row.ends_at === null ? null : new Date(row.ends_at),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}
