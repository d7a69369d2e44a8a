import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { KeyedSemaphore } from '../common/keyed-semaphore.js';
import { Semaphore } from '../common/semaphore.js';
import type { StoredEvent } from '../common/whatsapp-events.js';
import { EventsRepository } from '../repositories/events.repository.js';

/** Pages that are read at a time for those who were away: after a restart all of them come at once. */
const READS_AT_ONCE = 8;
/** Of one organization. */
const READS_OF_ORGANIZATION = 2;

/** Some events after a sequence. */
export interface EventPage {
  events: StoredEvent[];
  /** Whether others follow, as far as is known. */
  isMore: boolean;
}

/** The stored events of an organization in sequence: what every subscriber gets, on whichever way. */
@Injectable()
export class EventList {
  private readonly reads = new Semaphore(READS_AT_ONCE);
  private readonly readsOf = new KeyedSemaphore(READS_OF_ORGANIZATION);

  constructor(private readonly events: EventsRepository) {}

  /**
   * @param request.after sequence of the last event that the caller has; 0 for all that are kept
   * @param request.limit how many at most; long ones are fewer
   * @throws AppError `events_expired` when some of those that follow `after` are gone
   */
  async read(organizationId: string, request: { after: number; limit: number }): Promise<EventPage> {
    const page = await this.events.listEvents(organizationId, request);
    if (request.after > 0 && page.events[0]?.sequence !== request.after + 1) {
      await this.checkKept(organizationId, request.after);
    }
    return page;
  }

  /** As `read`, for one of many who read page after page: waits for its turn. */
  async readInTurn(organizationId: string, request: { after: number; limit: number }): Promise<EventPage> {
    const read = () => this.read(organizationId, request);
    return this.readsOf.run(organizationId, () => this.reads.run(read));
  }

  /** @returns the sequence of the oldest event that is still kept; undefined where none is */
  async findOldest(organizationId: string): Promise<number | undefined> {
    return this.events.findOldest(organizationId);
  }

  private async checkKept(organizationId: string, after: number): Promise<void> {
    const oldest = await this.findOldest(organizationId);
    const firstKept = oldest ?? (await this.headOf(organizationId)) + 1;
    if (after < firstKept - 1) {
      throw expired(after, firstKept);
    }
  }

  private async headOf(organizationId: string): Promise<number> {
    return (await this.events.readHeads([organizationId])).get(organizationId) ?? 0;
  }
}

function expired(after: number, oldest: number): AppError {
  const message =
    `Events after ${after} are not kept any more, up to ${oldest - 1}. ` +
    `Read the lists, and go on with after=${oldest - 1}.`;
  return new AppError('events_expired', { message, oldest });
}
