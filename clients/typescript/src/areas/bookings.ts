import type { Calls } from '../calls.js';
import type { CallOptions, CreateOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { Booking, BookingChange, NewBooking, QueryOf } from '../schemas.js';

/** A booking and its state, for changes that undo nothing unseen. */
export interface ReadBooking {
  booking: Booking;
  /** Give it as `ifMatch`. */
  etag: string | undefined;
}

/** What clients want, and when. */
export class Bookings extends Listing<QueryOf<'/api/bookings'>, Booking> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(
    query: QueryOf<'/api/bookings'> = {},
    options: CallOptions = {},
  ): Promise<Page<Booking>> {
    const { data } = await this.calls.GET('/api/bookings', { params: { query }, ...options });
    return pageOf(data.bookings, data.next_cursor);
  }

  async get(id: string, options: CallOptions = {}): Promise<ReadBooking> {
    const { data, response } = await this.calls.GET('/api/bookings/{id}', {
      params: { path: { id } },
      ...options,
    });
    return { booking: data.booking, etag: response.headers.get('etag') ?? undefined };
  }

  /** Makes a booking once, however often that has to be tried. */
  async create(booking: NewBooking, options: CreateOptions = {}): Promise<Booking> {
    const { data } = await this.calls.POST('/api/bookings', { body: booking, ...options });
    return data.booking;
  }

  /**
   * @param options.ifMatch the `etag` that was read: nothing is changed where somebody else was first
   * @throws AuzapError `changed_meanwhile`, `invalid_transition`
   */
  async change(
    id: string,
    change: BookingChange,
    { ifMatch, ...options }: CallOptions & { ifMatch?: string | undefined } = {},
  ): Promise<Booking> {
    const { data } = await this.calls.PATCH('/api/bookings/{id}', {
      params: { path: { id }, header: { ...(ifMatch !== undefined && { 'If-Match': ifMatch }) } },
      body: change,
      ...options,
    });
    return data.booking;
  }

  confirm(id: string, options: CallOptions = {}): Promise<Booking> {
    return this.change(id, { status: 'confirmed' }, options);
  }

  cancel(id: string, options: CallOptions = {}): Promise<Booking> {
    return this.change(id, { status: 'cancelled' }, options);
  }

  complete(id: string, options: CallOptions = {}): Promise<Booking> {
    return this.change(id, { status: 'completed' }, options);
  }
}
