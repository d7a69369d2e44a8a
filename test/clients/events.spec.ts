import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AuzapError,
  type ClientEvent,
  createClient,
  type CursorStore,
  type FeedState,
} from '@auzap/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientHome } from '../support/client-home.js';

let home: ClientHome;
let client: ReturnType<typeof createClient>;
let instanceId: string;

beforeAll(async () => {
  home = await ClientHome.open();
  client = createClient({ url: home.url, token: home.token });
  instanceId = await home.link();
});
afterAll(() => home.close());

/** Each kept event, as the service lists them. */
async function listed(): Promise<{ name: string; sequence: number }[]> {
  const all: { name: string; sequence: number }[] = [];
  for (let hasMore = true; hasMore;) {
    const { data } = await client.GET('/api/events', {
      params: { query: { after: all.at(-1)?.sequence ?? 0, limit: 500 } },
    });
    all.push(...data.events.map(({ name, sequence }) => ({ name, sequence })));
    hasMore = data.has_more;
  }
  return all;
}

const placeOf = ({ name, sequence }: ClientEvent) => ({ name, sequence });
const isStored = ({ sequence }: ClientEvent) => sequence !== undefined;

async function head(): Promise<number> {
  return (await listed()).at(-1)?.sequence ?? 0;
}

/** A cursor as a program keeps it in a file or a database. */
function aCursor(): CursorStore & { saved: number[] } {
  const saved: number[] = [];
  return { saved, load: () => saved.at(-1), save: (sequence) => void saved.push(sequence) };
}

/** A way to the service that can be cut. */
async function cuttable(): Promise<{
  url: string;
  cut: () => void;
  close: () => Promise<void>;
  server: Server;
}> {
  const { connect } = await import('node:net');
  const target = Number(new URL(home.url).port);
  const open = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    const there = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [socket, there],
      [there, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => open.forEach((one) => one.destroy());
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut,
    server,
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

it('tells handlers what happens, by name and each, after it is ready', async () => {
  const feed = client.events();
  const texts: string[] = [];
  const names: string[] = [];
  feed.on('whatsapp:message', ({ text }) => texts.push(text));
  feed.onEvery(({ name }) => names.push(name));
  await feed.ready();

  await home.ana.writes(home.owner, 'hello');

  await expect.poll(() => texts).toEqual(['hello']);
  await expect.poll(() => names).toContain('whatsapp:message');
  expect(feed.state).toBe('live');
  feed.close();
  expect(feed.state).toBe('closed');
});

it('goes on after the last event that was worked on, where a program ends and begins again', async () => {
  const cursor = aCursor();
  const first = client.events({ cursor });
  await first.ready();
  await home.ana.writes(home.owner, 'worked on');
  await home.ana.writes(home.owner, 'not worked on');
  for await (const event of first) {
    if (event.name === 'whatsapp:message' && event.payload.text === 'not worked on') {
      break;
    }
  }
  await home.ana.writes(home.owner, 'while nobody listened');

  const texts: string[] = [];
  for await (const event of client.events({ cursor })) {
    if (event.name === 'whatsapp:message') {
      texts.push(event.payload.text);
    }
    if (texts.includes('while nobody listened')) {
      break;
    }
  }

  expect(texts).toEqual(['not worked on', 'while nobody listened']);
});

it('misses nothing and doubles nothing while the service is killed, restarted and away, and the line is cut', async () => {
  const way = await cuttable();
  const begin = await head();
  const states: FeedState[] = [];
  const feed = createClient({ url: way.url, token: home.token, organizationId: home.organizationId }).events({
    after: begin,
    onState: (state) => states.push(state),
  });
  const told: ClientEvent[] = [];
  feed.onEvery((event) => told.push(event));
  await feed.ready();
  let isOver = false;
  const written: string[] = [];
  const writing = (async () => {
    for (let number = 1; !isOver; number++) {
      written.push(`message ${number}`);
      await home.ana.writes(home.owner, `message ${number}`);
      await delay(20);
    }
  })();

  for (const [signal, awayMs] of [
    ['SIGKILL', 0],
    ['SIGTERM', 0],
    ['SIGKILL', 4_000],
  ] as const) {
    for (let times = 0; times < 3; times++) {
      const before = told.length;
      await expect.poll(() => told.length).toBeGreaterThan(before + 3);
      way.cut();
    }
    await home.restart(signal, awayMs);
  }
  isOver = true;
  await writing;

  const textsTold = () =>
    told.flatMap((event) => (event.name === 'whatsapp:message' ? [event.payload.text] : []));
  await expect.poll(() => textsTold().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(written.length);
  expect(textsTold()).toEqual(written);
  const kept = (await listed()).filter(({ sequence }) => sequence > begin);
  await expect.poll(() => told.filter(isStored).length).toBeGreaterThanOrEqual(kept.length);
  const last = kept.at(-1)!.sequence;
  expect(
    told
      .filter(isStored)
      .map(placeOf)
      .filter(({ sequence }) => sequence! <= last),
  ).toEqual(kept);
  expect(states.filter((state) => state === 'connecting').length).toBeGreaterThan(6);
  feed.close();
  await way.close();
});

it('closes the line while a reader is slow, keeps no more than its bound, and misses nothing', async () => {
  const states: FeedState[] = [];
  const feed = client.events({ after: 0, bound: 10, onState: (state) => states.push(state) });
  const kept = await listed();
  expect(kept.length).toBeGreaterThan(30);
  const told: ClientEvent[] = [];

  for await (const event of feed) {
    told.push(event);
    await delay(1);
    if (event.sequence === kept.at(-1)!.sequence) {
      break;
    }
  }

  expect(told.filter(isStored).map(placeOf)).toEqual(kept);
  expect(states.filter((state) => state === 'connecting').length).toBeGreaterThan(2);
});

it('says that events are gone, and goes on with the oldest where it is told to', async () => {
  const gone = (await head()) - 3;
  await home.forgetEvents(gone);

  const ended = client.events({ after: 1 });
  await expect(ended[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'events_expired',
    oldest: gone + 1,
  });

  const errors: AuzapError[] = [];
  for await (const event of client.events({ after: 1, onExpired: (error) => void errors.push(error) })) {
    expect(event.sequence).toBe(gone + 1);
    break;
  }
  expect(errors.map(({ oldest }) => oldest)).toEqual([gone + 1]);
});

it('ends with the error of a token that is none, and asks a function for another one before', async () => {
  const refused = createClient({
    url: home.url,
    token: 'nobody',
    organizationId: home.organizationId,
  }).events();
  await expect(refused.ready()).rejects.toMatchObject({ code: 'unauthorized' });
  expect(refused.state).toBe('closed');

  let asked = 0;
  const renewing = createClient({
    url: home.url,
    token: () => (++asked === 1 ? 'over' : home.token),
    organizationId: home.organizationId,
  }).events();
  await renewing.ready();
  expect(asked).toBe(2);
  renewing.close();

  const foreign = client.events({ organizationId: 'somebody_else' });
  await expect(foreign.ready()).rejects.toMatchObject({ code: 'organization_forbidden' });
});

it('ends with the error of a cursor that can not be kept', async () => {
  const errors: unknown[] = [];
  const cursor = { load: () => 0, save: () => Promise.reject(new Error('disk full')) };
  const feed = client.events({ cursor, onState: (state, error) => state === 'closed' && errors.push(error) });
  feed.onEvery(() => undefined);

  await expect.poll(() => errors).toMatchObject([{ code: 'cursor_failed', cause: { message: 'disk full' } }]);
});

it('waits for a service that is away when it begins', async () => {
  await home.stop('SIGTERM');
  const feed = createClient({ url: home.url, token: home.token, retries: 0 }).events();
  const isReady = feed.ready();
  await home.start();

  await isReady;

  expect(feed.state).toBe('live');
  feed.close();
});

it('is read once, and ends with its signal', async () => {
  const leaving = new AbortController();
  const feed = client.events({ signal: leaving.signal });
  const next = feed[Symbol.asyncIterator]().next();

  expect(() => feed[Symbol.asyncIterator]()).toThrow('A feed is read once');
  leaving.abort();

  await expect(next).resolves.toEqual({ done: true, value: undefined });
});

it('goes on after a handler that throws, and tells of it', async () => {
  const errors: unknown[] = [];
  const texts: string[] = [];
  const feed = client.events({ onHandlerError: (error) => errors.push(error) });
  feed.on('whatsapp:message', ({ text }) => {
    texts.push(text);
    throw new Error(text);
  });
  await feed.ready();

  await home.ana.writes(home.owner, 'first');
  await home.ana.writes(home.owner, 'second');

  await expect.poll(() => texts).toEqual(['first', 'second']);
  await expect.poll(() => errors.length).toBe(2);
  feed.close();
  expect(instanceId).toBeTruthy();
});
