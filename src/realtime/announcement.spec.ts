import { describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { formatAnnouncement, parseAnnouncement } from './announcement.js';

function event(organizationId: string, sequence: number, text: string): OutgoingEvent {
  const payload = { instanceId: 'i', messageId: 'm', from: '1', text, timestamp: 't' };
  return { organizationId, sequence, name: 'whatsapp:message', payload };
}

describe('an announcement', () => {
  it('carries the events', () => {
    const events = [event('a', 1, 'oi'), event('b', 7, 'olá'), event('a', 2, '')];

    expect(parseAnnouncement(formatAnnouncement(events))).toEqual({ events, heads: [] });
  });

  it('only tells of events that are too large', () => {
    const text = formatAnnouncement([
      event('a', 1, 'x'.repeat(300_000)),
      event('b', 7, ''),
      event('a', 2, ''),
    ]);

    expect(text.length).toBeLessThan(100);
    expect(parseAnnouncement(text)).toEqual({
      events: [],
      heads: [
        ['a', 2],
        ['b', 7],
      ],
    });
  });

  it.each([
    '',
    'x',
    '{',
    '[]x',
    'null',
    '{"events":5}',
    '{"events":[null]}',
    '{"events":[{}]}',
    '{"heads":[5]}',
  ])('is not %j', (text) => {
    expect(parseAnnouncement(text)).toBeUndefined();
  });
});
