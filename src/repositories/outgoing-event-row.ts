import type { OutgoingEvent, StoredEvent } from '../common/whatsapp-events.js';

/** An event as the functions of the database return it. */
export interface OutgoingEventRow {
  organization_id: string;
  sequence: number;
  name: string;
  payload: unknown;
}

export function toOutgoingEvent(row: OutgoingEventRow): OutgoingEvent {
  // The only writers of `events` are the functions that take the typed payloads of this code.
  return {
    organizationId: row.organization_id,
    sequence: row.sequence,
    name: row.name,
    payload: row.payload,
  } as OutgoingEvent;
}

/** As `toOutgoingEvent`, of a row that may have been emptied since. */
export function toStoredEvent(row: OutgoingEventRow): StoredEvent {
  return toOutgoingEvent(row);
}
