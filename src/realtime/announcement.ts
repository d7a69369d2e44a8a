import type { OutgoingEvent } from '../common/whatsapp-events.js';

export const EVENTS_TOPIC = 'events';

/** A larger announcement tells of the events without carrying them. */
const MAX_LENGTH = 256 * 1024;

/** What a process tells the others that it committed. */
export interface Announcement {
  /** Those of one organization in sequence. */
  events?: OutgoingEvent[];
  /** Instead of events: the last sequence of each organization. */
  heads?: [organizationId: string, sequence: number][];
}

/** @returns an announcement of these events, of bounded size */
export function formatAnnouncement(events: readonly OutgoingEvent[]): string {
  const whole = JSON.stringify({ events });
  if (whole.length <= MAX_LENGTH) {
    return whole;
  }
  return JSON.stringify({
    heads: [...new Map(events.map((event) => [event.organizationId, event.sequence]))],
  });
}

/** @returns the announcement, or undefined where the text is none: another version of this service may have sent it */
export function parseAnnouncement(text: string): Announcement | undefined {
  try {
    const { events = [], heads = [] } = JSON.parse(text) as Announcement;
    return events.every(isEvent) && heads.every(isHead) ? { events, heads } : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(event: OutgoingEvent): boolean {
  return typeof event.organizationId === 'string' && Number.isSafeInteger(event.sequence) && !!event.payload;
}

function isHead([organizationId, sequence]: [unknown, unknown]): boolean {
  return typeof organizationId === 'string' && Number.isSafeInteger(sequence);
}
