import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { EventsRepository } from '../repositories/events.repository.js';
import { OrganizationFeed } from './organization-feed.js';

const event = (sequence: number) => ({ organizationId: 'o', sequence, payload: {} }) as OutgoingEvent;
const away = () => new AppError('database_unavailable', { message: 'away' });

/** A table with events up to a sequence, which may grow. */
type Read = Awaited<ReturnType<EventsRepository['listEvents']>>;

function aTable(head: number) {
  const table = { head };
  const readHeads = vi.fn<EventsRepository['readHeads']>(async () => new Map([['o', table.head]]));
  const listEvents = vi.fn<EventsRepository['listEvents']>(async (_, { after, limit }) => {
    const count = Math.min(limit, table.head - after);
    const events = Array.from({ length: count }, (__, index) => event(after + index + 1));
    return { events, isMore: after + count < table.head };
  });
  const emitted: number[] = [];
  const events = { readHeads, listEvents } as unknown as EventsRepository;
  const feed = new OrganizationFeed('o', events, ({ sequence }) => emitted.push(sequence));
  return { table, readHeads, listEvents, emitted, feed };
}

describe('OrganizationFeed', () => {
  it('emits what comes in turn at once, and asks the database for nothing', async () => {
    const { feed, emitted, listEvents } = aTable(4);
    await feed.open();

    expect([5, 6, 7].map((sequence) => feed.take(event(sequence)))).toEqual([true, true, true]);

    expect(emitted).toEqual([5, 6, 7]);
    expect(listEvents).not.toHaveBeenCalled();
  });

  it('emits nothing that was committed before it opened, and nothing twice', async () => {
    const { feed, emitted } = aTable(4);
    await feed.open();

    [3, 4, 5, 5, 4, 6].forEach((sequence) => feed.take(event(sequence)));

    expect(emitted).toEqual([5, 6]);
  });

  it('passes over what was erased', async () => {
    const { feed, table, emitted, listEvents } = aTable(0);
    await feed.open();
    table.head = 3;
    const erased = { ...event(2), payload: { erased: true as const } };
    listEvents.mockResolvedValueOnce({ events: [event(1), erased, event(3)], isMore: false });

    feed.hear(3);
    await feed.catchUp();
    feed.take(event(4));

    expect(emitted).toEqual([1, 3, 4]);
  });

  it('reads what is missing, in pages, one read at a time', async () => {
    const { feed, table, emitted, listEvents } = aTable(0);
    await feed.open();
    table.head = 1_200;

    expect(feed.take(event(1_200))).toBe(false);
    await Promise.all([feed.catchUp(), feed.catchUp()]);

    expect(emitted).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 1));
    expect(listEvents).toHaveBeenCalledTimes(3);
  });

  it('goes on after a page that is short because its events are long', async () => {
    const { feed, table, emitted, listEvents } = aTable(0);
    await feed.open();
    table.head = 3;
    listEvents.mockResolvedValueOnce({ events: [event(1)], isMore: true });
    feed.hear(3);

    await feed.catchUp();

    expect(emitted).toEqual([1, 2, 3]);
  });

  it('goes on with what comes in turn during a read, and emits none of it again', async () => {
    const { feed, table, emitted, listEvents } = aTable(0);
    await feed.open();
    const page = Promise.withResolvers<Read>();
    listEvents.mockReturnValueOnce(page.promise);
    table.head = 3;
    feed.take(event(3));
    const reading = feed.catchUp();

    feed.take(event(1));
    page.resolve({ events: [event(1), event(2), event(3)], isMore: false });
    await reading;

    expect(emitted).toEqual([1, 2, 3]);
  });

  it('reads again for what it hears of during a read that came too early to find it', async () => {
    const { feed, table, emitted, listEvents } = aTable(0);
    await feed.open();
    const page = Promise.withResolvers<Read>();
    listEvents.mockReturnValueOnce(page.promise);
    const reading = feed.catchUp();

    table.head = 2;
    feed.take(event(2));
    page.resolve({ events: [], isMore: false });
    await reading;

    expect(emitted).toEqual([1, 2]);
  });

  it('does not ask for ever for what is told of and not there', async () => {
    const { feed, listEvents } = aTable(0);
    await feed.open();
    feed.hear(9);

    await feed.catchUp();

    expect(listEvents).toHaveBeenCalledTimes(1);
  });

  it('emits what was committed while it opened', async () => {
    const { feed, table, emitted, readHeads } = aTable(0);
    const head = Promise.withResolvers<Map<string, number>>();
    readHeads.mockReturnValueOnce(head.promise);
    const opening = feed.open();

    table.head = 6;
    expect(feed.take(event(6))).toBe(false);
    head.resolve(new Map([['o', 4]]));
    await opening;

    expect(emitted).toEqual([5, 6]);
  });

  it('opens at the next call when the database was away', async () => {
    const { feed, emitted, readHeads } = aTable(2);
    readHeads.mockRejectedValueOnce(away());
    await expect(feed.open()).rejects.toThrow('away');

    await feed.open();
    feed.take(event(3));

    expect(emitted).toEqual([3]);
  });

  it('tries again at the next call when a read failed, and emits nothing once it is closed', async () => {
    const { feed, table, emitted, listEvents } = aTable(0);
    await feed.open();
    table.head = 2;
    listEvents.mockRejectedValueOnce(away());
    feed.hear(2);
    await expect(feed.catchUp()).rejects.toThrow('away');
    const page = Promise.withResolvers<Read>();
    listEvents.mockReturnValueOnce(page.promise);
    const reading = feed.catchUp();

    feed.close();
    page.resolve({ events: [event(1), event(2)], isMore: false });
    await reading;

    expect(emitted).toEqual([]);
  });
});
