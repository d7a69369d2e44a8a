import { Inject, Injectable } from '@nestjs/common';
import type { StoredEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { type OutgoingEventRow, toStoredEvent } from './outgoing-event-row.js';
import type { BoundedRows } from './page.js';
import { answerOf, rowsOf } from './supabase-error.js';

/** The `events` table: what was told to sockets and webhooks. */
@Injectable()
export class EventsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param request.after sequence of the last event that the caller has; 0 for all
   * @param request.limit 1 to 1000
   * @returns the events that follow, in sequence: as many as were asked for, or 1 MiB of them, one at least; and whether there
   *   are more
   */
  async listEvents(
    organizationId: string,
    request: { after: number; limit: number },
  ): Promise<{ events: StoredEvent[]; isMore: boolean }> {
    const p = { organization_id: organizationId, after: request.after, limit: request.limit + 1 };
    const { rows, more } = await answerOf<BoundedRows<OutgoingEventRow>>(
      this.client.rpc('list_events', { p }),
    );
    const events = rows.slice(0, request.limit).map(toStoredEvent);
    return { events, isMore: more || rows.length > events.length };
  }

  /** @returns the sequence of the oldest event that is still kept; undefined where none is */
  async findOldest(organizationId: string): Promise<number | undefined> {
    const query = this.client
      .from('events')
      .select('sequence')
      .eq('organization_id', organizationId)
      .order('sequence')
      .limit(1);
    return (await rowsOf(query))[0]?.sequence;
  }

  /**
   * @param organizationIds any number
   * @returns the sequence of the last event of each that exists
   */
  async readHeads(organizationIds: readonly string[]): Promise<Map<string, number>> {
    const p = { organization_ids: [...organizationIds] };
    const rows = await answerOf<[string, number][]>(this.client.rpc('event_heads', { p }));
    return new Map(rows);
  }
}
