import type { StoredEvent } from '../common/whatsapp-events.js';
import type { EventList } from './event-list.js';
import type { OrganizationFeed } from './organization-feed.js';

const PAGE_EVENTS = 100;

/**
 * Reads the events of an organization from a sequence on: each once, in order, those that are stored as those that come. It
 * is never ahead of the feed of this process, so that who has all of it can listen to the feed instead, in the same turn.
 * It holds nothing for a slow reader: what is not in the feed's tail any more is read from the table.
 */
export class EventReader {
  private cursor: number;

  /**
   * @param feed open, and held for the reader
   * @param after sequence of the last event that the reader has; undefined, or one that there is not yet: from now on
   * @param letGo of the feed
   */
  constructor(
    private readonly organizationId: string,
    private readonly feed: OrganizationFeed,
    private readonly list: EventList,
    after: number | undefined,
    private readonly letGo: () => void,
  ) {
    this.cursor = Math.min(after ?? Infinity, feed.position);
  }

  /** Of the last event that was read, or passed. */
  get sequence(): number {
    return this.cursor;
  }

  /** Whether it has, at this moment, all that the feed told. */
  get isCaughtUp(): boolean {
    return this.cursor >= this.feed.position;
  }

  /**
   * @returns the next events, a page at most; none where it has all
   * @throws AppError `events_expired` when they are gone
   */
  async read(): Promise<StoredEvent[]> {
    if (this.isCaughtUp) {
      return [];
    }
    const { position } = this.feed;
    const recent = this.feed.recent(this.cursor)?.slice(0, PAGE_EVENTS);
    const events = recent ?? (await this.readTable());
    // Where the last ones are not kept there is nothing to read, and the next one is still to come.
    this.cursor = events.at(-1)?.sequence ?? position;
    return events;
  }

  /** @returns once the feed goes on, or the signal ends it */
  async untilNews(signal: AbortSignal): Promise<void> {
    if (!this.isCaughtUp || signal.aborted) {
      return;
    }
    await new Promise<void>((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stop = this.feed.onNews(done);
      signal.addEventListener('abort', done);
    });
  }

  close(): void {
    this.letGo();
  }

  private async readTable(): Promise<StoredEvent[]> {
    const request = { after: this.cursor, limit: PAGE_EVENTS };
    const { events } = await this.list.readInTurn(this.organizationId, request);
    return events.filter(({ sequence }) => sequence <= this.feed.position);
  }
}
