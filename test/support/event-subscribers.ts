import { setTimeout as delay } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { ApiClient } from './api-client.js';
import { EventStreamClient } from './event-stream-client.js';

/** One event, as it was told. */
export interface ToldEvent {
  name: string;
  payload: { sequence: number };
}

/** A process that is away is asked again after so long. */
const RETRY_MS = 50;
const ANSWER_LIMIT_MS = 30_000;

/** Where to subscribe, and how long. */
export interface Subscription {
  organizationId: string;
  /** Of a process, another one each time. */
  url: () => string;
  /** Sequence of the last event that is expected; Infinity while that is not known. */
  last: () => number;
}

/** @returns between 0 and the bound */
const someMs = (bound: number) => Math.floor(Math.random() * bound);

const sequenceOf = (told: readonly ToldEvent[], begin: number) => told.at(-1)?.payload.sequence ?? begin;

/**
 * By Socket.IO, with a line that drops again and again: the socket is cut, and the next one joins after the last event that came.
 * @param begin sequence after which to begin
 * @param dropMs how long a line lasts at most; Infinity for one that stays
 */
export async function bySocket(
  { organizationId, url, last }: Subscription,
  { begin, dropMs }: { begin: number; dropMs: number },
): Promise<ToldEvent[]> {
  const told: ToldEvent[] = [];
  while (sequenceOf(told, begin) < last()) {
    const socket = io(url(), { forceNew: true, reconnection: false, transports: ['websocket'] });
    socket.onAny((name: string, payload: ToldEvent['payload']) => {
      if (name !== 'exception') {
        told.push({ name, payload });
      }
    });
    const isOver = new Promise<void>((resolve) => {
      socket.once('disconnect', () => resolve());
      socket.once('connect_error', () => resolve());
    });
    socket.once('connect', () => {
      socket.emit('join-organization', organizationId, { after: sequenceOf(told, begin) });
    });
    const lasts = Number.isFinite(dropMs) ? delay(someMs(dropMs)) : untilTold(told, begin, last);
    await Promise.race([isOver, lasts]);
    // As a network does it: nothing is said, and what is on its way is lost.
    socket.io.engine?.close();
    socket.close();
    if (!socket.connected) {
      await delay(someMs(RETRY_MS));
    }
  }
  return told;
}

async function untilTold(told: readonly ToldEvent[], begin: number, last: () => number): Promise<void> {
  while (sequenceOf(told, begin) < last()) {
    await delay(RETRY_MS);
  }
}

/** By polls that wait. */
export async function byPoll(
  { organizationId, url, last }: Subscription,
  { begin }: { begin: number },
): Promise<ToldEvent[]> {
  const told: ToldEvent[] = [];
  while (sequenceOf(told, begin) < last()) {
    const after = sequenceOf(told, begin);
    const query = `organization_id=${organizationId}&after=${after}&limit=${1 + someMs(40)}&wait=2`;
    try {
      const answer = await new ApiClient(url()).call<{ events: ToldEvent[] }>('GET', `/api/events?${query}`);
      if (answer.status === 200) {
        told.push(...answer.body.events);
      }
    } catch {
      await delay(RETRY_MS); // that process is away
    }
  }
  return told;
}

/** By server-sent events, with a line that is cut again and again. */
export async function byStream(
  { organizationId, url, last }: Subscription,
  { begin, dropMs }: { begin: number; dropMs: number },
): Promise<ToldEvent[]> {
  const told: ToldEvent[] = [];
  let lastEventId = String(begin);
  while (sequenceOf(told, begin) < last()) {
    try {
      const stream = await EventStreamClient.open(
        `${url()}/api/events/stream?organization_id=${organizationId}`,
        { 'Last-Event-ID': lastEventId },
      );
      await Promise.race([stream.ended(), delay(someMs(dropMs))]);
      stream.close();
      // What was told until then counts, and nothing that comes later.
      const events = stream.events.splice(0).filter(({ event }) => event !== 'exception');
      told.push(...events.map(({ data }) => JSON.parse(data) as ToldEvent));
      lastEventId = events.at(-1)?.id ?? lastEventId;
    } catch {
      await delay(RETRY_MS); // that process is away
    }
  }
  return told;
}

/** @returns the stored list */
export async function listed(url: string, organizationId: string, begin: number): Promise<ToldEvent[]> {
  const all: ToldEvent[] = [];
  for (let hasMore = true; hasMore;) {
    const after = sequenceOf(all, begin);
    const { body } = await new ApiClient(url).call<{ events: ToldEvent[]; has_more: boolean }>(
      'GET',
      `/api/events?organization_id=${organizationId}&after=${after}&limit=500`,
    );
    all.push(...body.events);
    hasMore = body.has_more;
  }
  return all.map(({ name, payload }) => ({ name, payload }));
}

/** @returns where the organization is by now */
export async function headOf(url: string, organizationId: string): Promise<number> {
  const socket = io(url, { forceNew: true, transports: ['websocket'] });
  const answer: unknown = await socket
    .timeout(ANSWER_LIMIT_MS)
    .emitWithAck('join-organization', organizationId, {});
  socket.close();
  return (answer as { sequence: number }).sequence;
}
