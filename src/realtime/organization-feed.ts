import { SingleFlight } from '../common/single-flight.js';
import { isIntact, type OutgoingEvent, type StoredEvent } from '../common/whatsapp-events.js';
import type { EventsRepository } from '../repositories/events.repository.js';
import { FeedTail } from './feed-tail.js';

const PAGE_EVENTS = 500;

/**
 * What the sockets of this process were told of one organization: every stored event after the beginning, once, and in
 * sequence. What comes out of turn is read from the table.
 */
export class OrganizationFeed {
  /** Sequence of the last event that was emitted; unknown until the feed is open. */
  private cursor: number | undefined;
  /** The highest sequence that somebody told of. */
  private announced = 0;
  private isClosed = false;
  private readonly opening = new SingleFlight<void>();
  private readonly reading = new SingleFlight<void>();
  private readers = 0;
  /** While somebody reads. */
  private tail: FeedTail | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly organizationId: string,
    private readonly events: EventsRepository,
    private readonly emit: (event: OutgoingEvent) => void,
  ) {}

  /**
   * Finds out where the organization stands; events that are committed after the call are emitted.
   * @throws AppError when the database is away; another call tries again
   */
  async open(): Promise<void> {
    if (this.cursor === undefined) {
      await this.opening.run(() => this.readHead());
    }
  }

  close(): void {
    this.isClosed = true;
  }

  /** Sequence of the last event that it told. @throws Error where it is not open */
  get position(): number {
    if (this.cursor === undefined) {
      throw new Error('a feed was read before it was open');
    }
    return this.cursor;
  }

  /** @returns all that it told after a sequence; undefined where the table is to be asked for them */
  recent(after: number): StoredEvent[] | undefined {
    return this.tail?.after(after);
  }

  /**
   * Keeps its last events for one more who reads them.
   * @returns ends that, once
   */
  attach(): () => void {
    this.readers += 1;
    this.tail ??= new FeedTail(this.position);
    let isAttached = true;
    return () => {
      this.readers -= isAttached ? 1 : 0;
      isAttached = false;
      this.tail = this.readers > 0 ? this.tail : undefined;
    };
  }

  /**
   * @param listener told, in the same turn, of each event that it tells from now on; must not throw
   * @returns ends that
   */
  onNews(listener: () => void): () => void {
    this.waiting.add(listener);
    return () => this.waiting.delete(listener);
  }

  /**
   * Takes a committed event: emits it where it is its turn, and leaves it where it was emitted.
   * @returns false when earlier ones are missing, which `catchUp` finds
   */
  take(event: OutgoingEvent): boolean {
    if (this.cursor === undefined || event.sequence > this.cursor + 1) {
      this.announced = Math.max(this.announced, event.sequence);
      return false;
    }
    if (event.sequence === this.cursor + 1) {
      this.pass(event);
    }
    return true;
  }

  /**
   * Takes note that there are events up to this one.
   * @returns false when some of them were not emitted yet
   */
  hear(sequence: number): boolean {
    this.announced = Math.max(this.announced, sequence);
    return this.cursor !== undefined && sequence <= this.cursor;
  }

  /**
   * Emits from the table what is missing; one read at a time, shared by all callers.
   * @throws AppError when the database is away; what is missing stays missing until the next call
   */
  async catchUp(): Promise<void> {
    if (this.cursor !== undefined) {
      await this.reading.run(() => this.read());
    }
  }

  private async readHead(): Promise<void> {
    const head = (await this.events.readHeads([this.organizationId])).get(this.organizationId) ?? 0;
    this.cursor = head;
    if (this.announced > head) {
      await this.catchUp();
    }
  }

  private async read(): Promise<void> {
    for (let isMore = true; isMore && !this.isClosed;) {
      const [after, heard] = [this.cursor!, this.announced];
      const page = await this.events.listEvents(this.organizationId, { after, limit: PAGE_EVENTS });
      if (this.isClosed) {
        return;
      }
      // Meanwhile some may have come by themselves.
      page.events.filter(({ sequence }) => sequence > this.cursor!).forEach((event) => this.pass(event));
      // What is told of during a read may be too late for it. What is told of and not there, the next sweep looks for.
      const isNews = this.cursor! > after || this.announced > heard;
      isMore = page.isMore || (this.announced > this.cursor! && isNews);
    }
  }

  /** Of what was erased there is nothing to tell. */
  private pass(event: StoredEvent): void {
    this.cursor = event.sequence;
    if (isIntact(event)) {
      this.emit(event);
    }
    this.tail?.push(event);
    this.waiting.forEach((tell) => tell());
  }
}
