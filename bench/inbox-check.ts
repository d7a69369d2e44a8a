import type { Filling } from './inbox-fill.js';
import { ask, type SqlTarget } from './sql.js';

/** What the database itself says of a filled inbox that workers emptied. */
export interface Outcome {
  /** From the first batch to the last. */
  ms: number;
  /** Closed in that time. */
  rows: number;
  batches: number;
}

/** A batch is stamped with its beginning: the last one's rows belong to no measured time. */
const OUTCOME = `
  with batches as (
    select processed_at as at, count(*) as rows from inbox where state = 1 group by processed_at
  ), span as (select min(at) as first, max(at) as last, count(*) as batches from batches)
  select (extract(epoch from s.last - s.first) * 1000)::float8 as ms, s.batches::int as batches,
    (select coalesce(sum(b.rows), 0)::int from batches b where b.at < s.last) as rows
  from span s`;

const FINDINGS = `
  select (select count(*)::int from inbox where state <> 1) as open_rows,
    (select count(*)::int from messages where direction = 'inbound') as messages,
    (select count(*)::int from notes) as notes,
    (select count(*)::int from events where name = 'whatsapp:message') as events,
    (
      select count(*)::int from organizations o
      where (select array_agg(e.sequence order by e.sequence) from events e where e.organization_id = o.id)
        is distinct from array(select generate_series(1, o.event_seq))
    ) as with_gaps,
    (
      select count(*)::int from (
        select m.inbox_id < lag(m.inbox_id) over (partition by m.instance_id order by m.ordinal) as is_late
        from messages m
      ) o where o.is_late
    ) as late_messages,
    (
      select count(*)::int from (
        select m.inbox_id < lag(m.inbox_id) over (partition by m.instance_id order by e.sequence) as is_late
        from events e
        join messages m on m.whatsapp_message_id = e.payload ->> 'messageId' and m.instance_id = e.instance_id
      ) o where o.is_late
    ) as late_events`;

/** @returns whether rows still wait */
export async function isBusy(target: SqlTarget): Promise<boolean> {
  const [row] = await ask<{ busy: boolean }>(
    target,
    'select exists (select from inbox where state = 0) as busy',
  );
  return row!.busy;
}

/**
 * @returns how fast the inbox was emptied
 * @throws Error when a message is missing, doubled, or out of order, or an organization's events have a gap
 */
export async function readOutcome(target: SqlTarget, filling: Filling): Promise<Outcome> {
  const [found] = await ask<Record<string, number>>(target, FINDINGS);
  const expected = {
    open_rows: 0,
    messages: filling.clientMessages,
    notes: filling.ownerMessages,
    events: filling.clientMessages,
    with_gaps: 0,
    late_messages: 0,
    late_events: 0,
  };
  const wrong = Object.entries(expected).filter(([name, count]) => found![name] !== count);
  if (wrong.length > 0) {
    const faults = wrong.map(([name, count]) => `${name} is ${found![name]}, not ${count}`);
    throw new Error(`the workers did it wrong: ${faults.join(', ')}`);
  }
  const [outcome] = await ask<Outcome>(target, OUTCOME);
  return outcome!;
}
