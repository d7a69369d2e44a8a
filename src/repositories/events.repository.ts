import { Inject, Injectable } from '@nestjs/common';
import type { StoredEvent } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { toStoredEvent } from './outgoing-event-row.js';
import { answerOf, rowsOf } from './supabase-error.js';

/** The `events` table: what was told to sockets and webhooks. */
@Injectable()
export class EventsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param request.after sequence of the last event that the caller has; 0 for all
   * @param request.limit 1 to 1000
   * @returns the events that follow, in sequence
   */
  async listEvents(
    organizationId: string,
    request: { after: number; limit: number },
  ): Promise<StoredEvent[]> {
    const query = this.client
      .from('events')
      .select('organization_id,sequence,name,payload')
      .eq('organization_id', organizationId)
      .gt('sequence', request.after)
      .order('sequence')
      .limit(request.limit);
    return (await rowsOf(query)).map(toStoredEvent);
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
