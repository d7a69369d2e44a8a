import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { appendEvents, expireEvents } from '../support/append-events.js';
import { EventStreamClient } from '../support/event-stream-client.js';
import { AccessFixture, ADMIN_KEY, bearer, FOREIGN, HOME, userToken } from './access-fixture.js';
import { startHttpApp } from './http-app.js';

const clients: EventStreamClient[] = [];

let fixture: AccessFixture;
beforeAll(async () => (fixture = await AccessFixture.start()));
afterAll(() => fixture?.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

const append = (organizationId: string, count: number, length?: number) =>
  appendEvents(fixture.http, organizationId, { count, ...(length && { length }) });
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

async function streaming(
  query: string,
  { token = ADMIN_KEY, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
): Promise<EventStreamClient> {
  const url = `${fixture.http.url}/api/events/stream?${query}`;
  const client = await EventStreamClient.open(url, { ...bearer(token), ...headers });
  clients.push(client);
  return client;
}

const refusalOf = async ({ response }: EventStreamClient) => ({
  status: response.status,
  body: (await response.json()) as object,
});

describe('GET /api/events/stream', () => {
  it('gives what was missed and what comes, as the list has it', async () => {
    await append('org_sse', 250);
    const client = await streaming('organization_id=org_sse&after=10');
    await client.until(() => client.events.length >= 240);
    await append('org_sse', 3);
    await client.until(() => client.events.length >= 243);
    const { body } = await fixture.http.api.call<{ events: { sequence: number; name: string }[] }>(
      'GET',
      '/api/events?organization_id=org_sse&after=10&limit=500',
      undefined,
      bearer(ADMIN_KEY),
    );

    expect(client.response.status).toBe(200);
    expect(Object.fromEntries(client.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(client.events).toEqual(
      body.events.map((event) => ({
        id: String(event.sequence),
        event: event.name,
        data: JSON.stringify(event),
      })),
    );
  });

  it('begins with what comes, and says from where', async () => {
    await append('org_now', 5);
    const client = await streaming('organization_id=org_now');
    await client.until(() => client.lastEventId !== '');
    const begin = client.lastEventId;
    await append('org_now', 2);
    await client.until(() => client.events.length >= 2);

    expect(begin).toBe('5');
    expect(client.sequences).toEqual([6, 7]);
  });

  it('goes on after Last-Event-ID, whatever the address says', async () => {
    await append('org_again', 20);
    const client = await streaming('organization_id=org_again&after=3', {
      headers: { 'Last-Event-ID': '15' },
    });
    await client.until(() => client.events.length >= 5);

    expect(client.sequences).toEqual(upTo(20, 16));
  });

  it('answers HEAD, which has no events, and is over', async () => {
    const url = `${fixture.http.url}/api/events/stream?organization_id=org_sse`;
    const answers = [];
    for (let call = 0; call < 2; call += 1) {
      const { status, headers } = await fetch(url, { method: 'HEAD', headers: bearer(ADMIN_KEY) });
      answers.push([status, headers.get('content-type')]);
    }

    expect(answers).toEqual(Array.from({ length: 2 }, () => [200, 'text/event-stream; charset=utf-8']));
  });

  it.each(['x', '-1', '1.5', '9'.repeat(20)])('refuses the Last-Event-ID %s', async (id) => {
    const client = await streaming('organization_id=org_sse', { headers: { 'Last-Event-ID': id } });

    expect(await refusalOf(client)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', details: [{ path: 'Last-Event-ID' }] },
    });
  });

  it('of events that are not kept says which is the oldest, and so does the list', async () => {
    await append('org_old', 10);
    await expireEvents(fixture.http, 'org_old', 6);
    const expired = { code: 'events_expired', oldest: 7 };
    const client = await streaming('organization_id=org_old&after=4');
    const list = await fixture.call('GET', '/api/events?organization_id=org_old&after=4', ADMIN_KEY);
    const all = await streaming('organization_id=org_old&after=0');
    await all.until(() => all.events.length >= 4);

    expect(await refusalOf(client)).toMatchObject({ status: 410, body: expired });
    expect(list).toMatchObject({ status: 410, body: expired });
    expect(all.sequences).toEqual(upTo(10, 7));
  });

  it('waits for a reader that is slow, and gives it everything', async () => {
    await append('org_slow', 400, 60_000);
    const url = `${fixture.http.url}/api/events/stream?organization_id=org_slow&after=0`;
    const response = await fetch(url, { headers: bearer(ADMIN_KEY) });
    const quick = await streaming('organization_id=org_slow&after=395');
    await quick.until(() => quick.events.length >= 5);

    const ids: number[] = [];
    let line = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (line + chunk).split('\n');
      line = lines.pop()!;
      ids.push(...lines.flatMap((one) => (one.startsWith('id: ') ? [Number(one.slice(4))] : [])));
      if (ids.at(-1) === 400) {
        break;
      }
    }
    expect(ids).toEqual(upTo(400, 0));
  });

  it('keeps the line open with comments while nothing comes', async () => {
    const client = await streaming('organization_id=org_silent');
    await client.until(() => client.comments.length > 0);

    expect(client.events).toEqual([]);
  });

  it('ends with the key that opened it', async () => {
    const key = await fixture.key(HOME);
    const client = await streaming('', { token: key.key });
    await client.until(() => client.lastEventId !== '');
    await fixture.call('DELETE', `/api/organizations/${HOME}/api-keys/${key.id}`, ADMIN_KEY);
    await client.ended();

    expect(client.events).toMatchObject([{ event: 'exception' }]);
    expect(JSON.parse(client.events[0]!.data)).toMatchObject({ success: false, code: 'unauthorized' });
  });

  it('ends with the membership of its user', async () => {
    const user = crypto.randomUUID();
    await fixture.member(HOME, 'viewer', user);
    await fixture.member(FOREIGN, 'viewer', user);
    const client = await streaming(`organization_id=${HOME}`, { token: userToken(user) });
    const kept = await streaming(`organization_id=${FOREIGN}`, { token: userToken(user) });
    await client.until(() => client.lastEventId !== '');
    await kept.until(() => kept.lastEventId !== '');
    await fixture.call('DELETE', `/api/organizations/${HOME}/members/${user}`, ADMIN_KEY);
    await client.ended();
    await append(FOREIGN, 1);
    await kept.until(() => kept.events.length > 0);

    expect(JSON.parse(client.events[0]!.data)).toMatchObject({ code: 'organization_forbidden' });
    expect(kept.events.map(({ event }) => event)).toEqual(['whatsapp:message']);
  });

  it('is bounded for each key', async () => {
    const key = await fixture.key(HOME);
    const open = await Promise.all(upTo(50).map(() => streaming('', { token: key.key })));
    const refused = await streaming('', { token: key.key });
    const polled = await fixture.call('GET', '/api/events?after=1000000&wait=1', key.key);

    expect(open.map(({ response }) => response.status)).toEqual(upTo(50).map(() => 200));
    expect(await refusalOf(refused)).toMatchObject({ status: 429, body: { code: 'too_many_streams' } });
    expect(polled).toMatchObject({ status: 429, body: { code: 'too_many_streams' } });
    open.forEach((client) => client.close());
    await expect.poll(async () => (await streaming('', { token: key.key })).response.status).toBe(200);
  });
});

describe('GET /api/events with wait', () => {
  const poll = (query: string, token = ADMIN_KEY) => fixture.call('GET', `/api/events?${query}`, token);

  it('answers at once where there is something', async () => {
    await append('org_poll', 3);

    expect(await poll('organization_id=org_poll&after=1&wait=60')).toMatchObject({
      status: 200,
      body: { events: [{ sequence: 2 }, { sequence: 3 }], last_sequence: 3 },
    });
  });

  it('answers when something comes', async () => {
    await append('org_comes', 3);
    const answer = poll('organization_id=org_comes&after=3&wait=60');
    await append('org_comes', 1);

    expect(await answer).toMatchObject({
      status: 200,
      body: { events: [{ sequence: 4 }], last_sequence: 4 },
    });
  });

  it('answers with nothing when nothing comes', async () => {
    await append('org_quiet', 3);

    expect(await poll('organization_id=org_quiet&after=3&wait=1')).toMatchObject({
      status: 200,
      body: { events: [], last_sequence: 3, has_more: false },
    });
  });

  it.each(['-1', '61', 'x', '1.5'])('refuses to wait %s', async (wait) => {
    expect(await poll(`organization_id=org_quiet&wait=${wait}`)).toMatchObject({
      status: 400,
      body: { details: [{ path: 'wait' }] },
    });
  });

  it('ends with the key that asked', async () => {
    const key = await fixture.key(FOREIGN);
    const answer = poll('after=1000000&wait=60', key.key);
    await fixture.call('DELETE', `/api/organizations/${FOREIGN}/api-keys/${key.id}`, ADMIN_KEY);

    expect(await answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });
});

it('ends streams and polls when the service stops', async () => {
  const own = await startHttpApp();
  await appendEvents(own, 'org_stop', { count: 2 });
  const stream = await EventStreamClient.open(`${own.url}/api/events/stream?organization_id=org_stop`);
  const answer = own.api.call('GET', '/api/events?organization_id=org_stop&after=2&wait=60');
  await stream.until(() => stream.lastEventId !== '');
  // The poll waits by now: it was sent before this was answered, on a connection of its own.
  for (const after of [0, 1]) {
    await own.api.call('GET', `/api/events?organization_id=org_stop&after=${after}`);
  }

  await own.stop();

  expect(await answer).toMatchObject({ status: 200, body: { events: [], last_sequence: 2 } });
  await stream.ended();
  expect(JSON.parse(stream.events[0]!.data)).toMatchObject({ code: 'shutting_down' });
});
