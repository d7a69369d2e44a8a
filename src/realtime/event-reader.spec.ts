import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { EventsRepository } from '../repositories/events.repository.js';
import type { EventList } from './event-list.js';
import { EventReader } from './event-reader.js';
import { OrganizationFeed } from './organization-feed.js';

const event = (sequence: number) => ({ organizationId: 'o', sequence, payload: {} }) as OutgoingEvent;
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);
const NEVER = new AbortController().signal;

/** A feed that has told of everything up to a sequence, and a table with more than that. */
async function aReader(head: number, after: number | undefined, stored = head) {
  const readInTurn = vi.fn<EventList['readInTurn']>(async (_, request) => ({
    events: upTo(stored, request.after + 1)
      .slice(0, request.limit)
      .map(event),
    isMore: false,
  }));
  const readHeads = async () => new Map([['o', head]]);
  const feed = new OrganizationFeed('o', { readHeads } as unknown as EventsRepository, () => undefined);
  await feed.open();
  const detach = feed.attach();
  const reader = new EventReader('o', feed, { readInTurn } as unknown as EventList, after, detach);
  const take = (...sequences: number[]) => sequences.forEach((sequence) => feed.take(event(sequence)));
  const read = async () => (await reader.read()).map(({ sequence }) => sequence);
  return { feed, reader, readInTurn, take, read };
}

describe('EventReader', () => {
  it('reads the table page by page, up to what the feed has told', async () => {
    const { reader, read } = await aReader(250, 10, 260);

    expect([await read(), await read(), await read(), await read()]).toEqual([
      upTo(110, 11),
      upTo(210, 111),
      upTo(250, 211),
      [],
    ]);
    expect([reader.isCaughtUp, reader.sequence]).toEqual([true, 250]);
  });

  it('takes what comes from the feed, and asks the table for nothing', async () => {
    const { take, read, readInTurn } = await aReader(5, undefined);
    take(6, 7);

    expect([await read(), await read()]).toEqual([[6, 7], []]);
    expect(readInTurn).not.toHaveBeenCalled();
  });

  it('meets a feed that goes on during a read', async () => {
    const { reader, take, read, readInTurn } = await aReader(20, 0);
    readInTurn.mockImplementationOnce(async () => {
      take(21, 22);
      return { events: upTo(20).map(event), isMore: false };
    });

    expect([await read(), reader.isCaughtUp]).toEqual([upTo(20), false]);
    expect([await read(), reader.isCaughtUp]).toEqual([[21, 22], true]);
  });

  it('asks the table again when it has fallen behind', async () => {
    const { take, read, readInTurn } = await aReader(0, 0, 300);
    take(...upTo(300));

    expect(await read()).toEqual(upTo(100));
    expect(await read()).toEqual(upTo(200, 101));
    expect(readInTurn).toHaveBeenCalledTimes(1);
  });

  it('passes over the end of what is not kept', async () => {
    const { reader, read, readInTurn } = await aReader(9, 0);
    readInTurn.mockResolvedValueOnce({ events: [], isMore: false });

    expect([await read(), reader.sequence, reader.isCaughtUp]).toEqual([[], 9, true]);
  });

  it('passes over nothing that comes while it finds that', async () => {
    const { take, read, readInTurn } = await aReader(9, 0);
    readInTurn.mockImplementationOnce(async () => {
      take(10, 11);
      return { events: [], isMore: false };
    });

    expect([await read(), await read()]).toEqual([[], [10, 11]]);
  });

  it('begins at the end where it is to begin after it', async () => {
    const { reader, take, read } = await aReader(3, 99);
    take(4);

    expect([await read(), reader.sequence]).toEqual([[4], 4]);
  });

  it('tells of refusals, and reads the same again at the next call', async () => {
    const { read, readInTurn } = await aReader(3, 1);
    readInTurn.mockRejectedValueOnce(new AppError('database_unavailable'));

    await expect(read()).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await read()).toEqual([2, 3]);
  });

  it('waits for nothing while there is something to read', async () => {
    const { reader, take, read } = await aReader(1, 1);
    take(2);
    await reader.untilNews(NEVER);

    expect(await read()).toEqual([2]);
  });

  it('waits for news, and no longer than it is wanted to', async () => {
    const { reader, take, read } = await aReader(1, 1);
    const news = reader.untilNews(NEVER);
    take(2);
    await news;
    expect(await read()).toEqual([2]);

    await reader.untilNews(AbortSignal.abort());
    const leaving = new AbortController();
    const waiting = reader.untilNews(leaving.signal);
    leaving.abort();
    await waiting;
    expect(await read()).toEqual([]);
  });
});
