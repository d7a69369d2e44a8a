import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { type BookingWords, BookingsRepository, type VersionedBooking } from './bookings.repository.js';
import type { BookingWordsDto } from './dto/booking-words.dto.js';
import type { ChangeBookingDto } from './dto/change-booking.dto.js';
import type { CreateBookingDto } from './dto/create-booking.dto.js';

/** Bookings that people make and change. */
@Injectable()
export class BookingsService {
  constructor(
    private readonly bookings: BookingsRepository,
    private readonly bus: DomainEventBus,
  ) {}

  /** @throws AppError `booking_not_found` */
  async find(
    scope: OrganizationScope,
    id: string,
    organizationId: string | undefined,
  ): Promise<VersionedBooking> {
    return found(await this.bookings.findBooking(organizationOf(scope, organizationId), id));
  }

  /**
   * @param key the caller's name for this booking: made once under it
   * @returns the booking, and whether an earlier call under the key had made it
   * @throws AppError `contact_not_found`, `organization_closed`, `idempotency_key_reused`, `booking_ends_too_early`,
   *   `unknown_service`
   */
  async create(
    scope: OrganizationScope,
    input: CreateBookingDto,
    key: string | undefined,
  ): Promise<VersionedBooking & { isReplay: boolean }> {
    const organizationId = organizationOf(scope, input.organization_id);
    const words = { ...wordsOf(input), status: input.status };
    if (words.endsAt && !(words.startsAt && new Date(words.endsAt) > new Date(words.startsAt))) {
      throw new AppError('booking_ends_too_early');
    }
    const once = key === undefined ? undefined : { key, requestHash: digestOf(input.contact_id, words) };
    const made = await this.bookings.createBooking(organizationId, input.contact_id, words, once);
    if (made === null) {
      throw new AppError('contact_not_found');
    }
    this.announce(made.events);
    return made;
  }

  /**
   * @param versions of which the booking must have one; any where they are left out
   * @throws AppError `booking_not_found`, `invalid_transition`, `booking_ends_too_early`, `changed_meanwhile`,
   *   `unknown_service`
   */
  async change(
    scope: OrganizationScope,
    id: string,
    input: ChangeBookingDto,
    versions: string[] | undefined,
  ): Promise<VersionedBooking> {
    const words = { ...wordsOf(input), status: input.status };
    const organizationId = organizationOf(scope, input.organization_id);
    const changed = found(await this.bookings.changeBooking(organizationId, id, words, versions));
    this.announce(changed.events);
    return changed;
  }

  private announce(events: OutgoingEvent[]): void {
    if (events.length > 0) {
      this.bus.emit('events.committed', events);
    }
  }
}

function wordsOf(input: BookingWordsDto): BookingWords {
  const { title, notes, starts_at: startsAt, ends_at: endsAt, service_id: serviceId } = input;
  return { title, notes, startsAt, endsAt, serviceId };
}

function found<Found>(booking: Found | null): Found {
  if (booking === null) {
    throw new AppError('booking_not_found');
  }
  return booking;
}

/** What two calls under one key must have in common. */
function digestOf(contactId: string, words: BookingWords): string {
  const { title, notes, startsAt, endsAt, status, serviceId } = words;
  const fields = [contactId, title, notes, startsAt, endsAt, status];
  return createHash('sha256')
    .update(JSON.stringify(serviceId === undefined ? fields : [...fields, serviceId]))
    .digest('hex');
}
