import { DomainEventBus } from '../../src/common/domain-events.js';
import { type OutgoingEventRow, toOutgoingEvent } from '../../src/repositories/outgoing-event-row.js';
import type { HttpApp } from '../e2e/http-app.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';

const INSTANCE = '11111111-1111-4111-8111-111111111111';

/**
 * Stores events as the service does.
 * @param options.isTold this process is told of them, as of what it stored itself; otherwise nobody is, and the sweep finds them
 */
export async function appendEvents(
  { app }: HttpApp,
  organizationId: string,
  { count, length = 10, isTold = false }: { count: number; length?: number; isTold?: boolean },
): Promise<void> {
  const { sql } = app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  await sql('insert into organizations (id) values ($1) on conflict do nothing', [organizationId]);
  const { rows } = await sql(
    `select append_events((select jsonb_agg(jsonb_build_object('organization_id', $1::text, 'instance_id', $2::text,
      'name', 'whatsapp:message', 'payload', jsonb_build_object('instanceId', $2::text, 'messageId', 'M' || n, 'from', '5511988776655',
      'text', repeat('x', $4::int), 'timestamp', '2025-10-02T12:00:00.000Z'))) from generate_series(1, $3::int) n)) as stored`,
    [organizationId, INSTANCE, String(count), String(length)],
  );
  if (isTold) {
    const stored = rows[0]!['stored'] as OutgoingEventRow[];
    app.get(DomainEventBus, { strict: false }).emit('events.committed', stored.map(toOutgoingEvent));
  }
}

/** The oldest events are past their retention. */
export async function expireEvents({ app }: HttpApp, organizationId: string, upTo: number): Promise<void> {
  const { sql } = app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  await sql('delete from events where organization_id = $1 and sequence <= $2::bigint', [
    organizationId,
    String(upTo),
  ]);
}
