import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { WebhookSettings } from '../../src/webhooks/webhook-settings.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';
import { answers, hangs, type ReceivedCall, verify, WebhookReceiver } from '../support/webhook-receiver.js';

const ORGANIZATION = 'org_hooks';
const PATIENCE = { timeout: 20_000 };

interface Webhook {
  id: string;
  state: string;
  pause_reason: string | null;
  last_sequence: number;
  failing_since: string | null;
  redrive: object | null;
  [field: string]: unknown;
}
interface Delivery {
  sequence: number;
  status: string;
  attempts: number;
  error: string | null;
  tries: { status: number | null; error: string | null; duration_ms: number }[];
  request: { webhook_id: string; body: string | null };
  response: { status: number; body: string | null } | null;
}

let simulator: WhatsAppSimulator;
let service: TestService;
let settings: WebhookSettings;
let receiver: WebhookReceiver;
let owner: Phone;
let ana: Phone;
let events: EventCollector;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  receiver = await WebhookReceiver.start();
  service = await startTestService(simulator, {
    OUTSIDE_URLS_ALLOW: '127.0.0.1',
    RATE_LIMIT_ADDRESS: '0',
    LOG_LEVEL: 'debug',
  });
  settings = service.service.app.get(WebhookSettings, { strict: false });
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  events = await listen(service.url, ORGANIZATION);
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});
afterAll(async () => {
  events.close();
  await service.stop();
  await receiver.kill();
  await simulator.stop();
});

beforeEach(() => {
  Object.assign(settings, new WebhookSettings(), { retry: { baseMs: 10, maxMs: 50 } });
});

const database = () => service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });

async function call<Body>(method: string, path: string, body?: object): Promise<Body> {
  const answer = await service.api.call<Body>(method, `/api/webhooks${path}`, body);
  if (answer.status !== 200) {
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

async function create(
  path: string,
  input: object = {},
  organization_id = ORGANIZATION,
): Promise<{ webhook: Webhook; secret: string }> {
  return call('POST', '', { organization_id, url: receiver.url(path), ...input });
}

const webhookOf = async (id: string) => (await call<{ webhook: Webhook }>('GET', `/${id}`)).webhook;
const deliveriesOf = async (id: string, query = '') =>
  (await call<{ deliveries: Delivery[] }>('GET', `/${id}/deliveries${query}`)).deliveries;

/** Events that nobody announces, each of a chat, in this order. */
async function append(organizationId: string, chats: readonly string[]): Promise<void> {
  const told = chats.map((chat, index) => ({
    organization_id: organizationId,
    instance_id: instanceId,
    name: 'whatsapp:message',
    payload: { instanceId, from: chat, text: `${index}`, timestamp: new Date().toISOString() },
  }));
  await database().sql('select public.append_events($1::text::jsonb)', [JSON.stringify(told)]);
}

async function newOrganization(): Promise<string> {
  const id = `org_${randomUUID()}`;
  await service.api.call('POST', '/api/organizations', { id });
  return id;
}

const chatOf = ({ body }: ReceivedCall) => String(body.data['from']);
const sequencesOf = (calls: readonly ReceivedCall[]) => calls.map(({ body }) => body.sequence!);

/** Each chat has its events in sequence; repeats of what was taken already do not count. */
function expectOrder(calls: readonly ReceivedCall[]): void {
  for (const [chat, ofChat] of Map.groupBy(calls, chatOf)) {
    const firsts = [...new Set(sequencesOf(ofChat))];
    expect([chat, firsts]).toEqual([chat, firsts.toSorted((a, b) => a - b)]);
  }
}

describe('a webhook', () => {
  it('is told of what happens, signed as the specification wants it', async () => {
    const { webhook, secret } = await create('/messages', {
      events: ['whatsapp:message'],
      description: 'Shop',
    });
    expect(webhook).toMatchObject({
      organization_id: ORGANIZATION,
      events: ['whatsapp:message'],
      description: 'Shop',
      state: 'active',
    });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);

    await ana.writes(owner, 'hello');
    const [told] = await receiver.until('/messages', 1);
    const heard = await events.next('whatsapp:message', ({ text }) => text === 'hello');

    verify(told!, secret);
    expect(() => verify({ ...told!, text: told!.text.replace('hello', 'hullo') }, secret)).toThrow(
      'No matching signature',
    );
    const { data, sequence, ...rest } = told!.body;
    expect(data).toEqual(heard);
    expect(rest).toEqual({
      type: 'whatsapp:message',
      timestamp: heard.timestamp,
      organization_id: ORGANIZATION,
    });
    expect(told!.id).toBe(`evt_${ORGANIZATION}_${sequence}`);
    await expect
      .poll(() => deliveriesOf(webhook.id), PATIENCE)
      .toMatchObject([
        {
          status: 'delivered',
          attempts: 1,
          error: null,
          tries: [{ status: 204, error: null, duration_ms: expect.any(Number) }],
          request: { webhook_id: told!.id, body: told!.text },
          response: { status: 204, body: '' },
        },
      ]);
    expect((await webhookOf(webhook.id)).last_sequence).toBe(sequence);
    expect(JSON.stringify(await call('GET', `?organization_id=${ORGANIZATION}`))).not.toContain('whsec_');
  });

  it('is told of one instance alone, and of what others are told nothing', async () => {
    const organization = await newOrganization();
    const other = await service.api.createInstance(organization, '5511977776666');
    await create('/other-instance', { instance_id: other }, organization);
    await create('/all', {}, organization);
    await append(organization, ['a']);
    await database().sql(
      `select public.append_event($1::text, $2::text::uuid, '{"name": "whatsapp:restricted", "payload": {}}')`,
      [organization, other],
    );

    await receiver.until('/all', 2);
    const told = await receiver.until('/other-instance', 1);
    expect(told.map(({ body }) => body.type)).toEqual(['whatsapp:restricted']);
    expect(receiver.takenBy('/messages').map(({ body }) => body.organization_id)).not.toContain(organization);
  });

  it('can be tried out, also while it is paused', async () => {
    const { webhook, secret } = await create('/tried');
    await call('PATCH', `/${webhook.id}`, { state: 'paused' });
    const { test } = await call<{ test: { webhook_id: string } }>('POST', `/${webhook.id}/test`);
    const [told] = await receiver.until('/tried', 1);

    verify(told!, secret);
    expect(told!.body).toMatchObject({ type: 'webhook.test', sequence: null, organization_id: ORGANIZATION });
    expect(test).toMatchObject({
      delivered: true,
      webhook_id: told!.id,
      error: null,
      response: { status: 204 },
    });

    receiver.on('/tried', answers(500));
    expect(await call('POST', `/${webhook.id}/test`)).toMatchObject({
      test: { delivered: false, error: 'status_not_ok', response: { status: 500, body: 'no' } },
    });
    await call('DELETE', `/${webhook.id}`);
    expect((await service.api.call('POST', `/api/webhooks/${webhook.id}/test`)).body).toMatchObject({
      code: 'webhook_not_found',
    });
  });

  it('is signed with both secrets while one takes the place of the other', async () => {
    const { webhook, secret } = await create('/rotated');
    const rotated = await call<{ webhook: Webhook; secret: string }>('POST', `/${webhook.id}/rotate-secret`);
    await ana.writes(owner, 'between');
    const [both] = await receiver.until('/rotated', 1, ({ body }) => body.data['text'] === 'between');
    verify(both!, secret);
    verify(both!, rotated.secret);
    expect(Date.parse(String(rotated.webhook['former_secret_expires_at'])) - Date.now()).toBeGreaterThan(
      23 * 60 * 60_000,
    );

    const last = await call<{ secret: string }>('POST', `/${webhook.id}/rotate-secret`, {
      overlap_seconds: 0,
    });
    await ana.writes(owner, 'after');
    const [one] = await receiver.until('/rotated', 1, ({ body }) => body.data['text'] === 'after');
    verify(one!, last.secret);
    expect(() => verify(one!, rotated.secret)).toThrow('No matching signature');
    await call('DELETE', `/${webhook.id}`);
  });
});

describe('what is not taken', () => {
  it('is tried again under the same id, and what comes after it in the chat waits, but no other chat', async () => {
    const organization = await newOrganization();
    const { webhook } = await create('/half', {}, organization);
    let isBroken = true;
    receiver.on('/half', (told, response) => {
      if (chatOf(told) === 'a' && isBroken) {
        response.writeHead(500).end();
      }
    });
    await append(organization, ['a', 'b', 'a', 'b', 'a', 'c']);

    await receiver.until('/half', 3, (told) => chatOf(told) !== 'a');
    const failed = receiver.callsTo('/half').filter((told) => chatOf(told) === 'a');
    await expect
      .poll(() => receiver.callsTo('/half').filter((told) => chatOf(told) === 'a').length, PATIENCE)
      .toBeGreaterThan(failed.length + 2);
    expect((await webhookOf(webhook.id)).failing_since).not.toBeNull();
    isBroken = false;
    await receiver.until('/half', 6);

    const ofA = receiver.callsTo('/half').filter((told) => chatOf(told) === 'a');
    expect(new Set(ofA.slice(0, -2).map(({ id }) => id)).size).toBe(1);
    expectOrder(receiver.takenBy('/half'));
    await expect.poll(async () => (await webhookOf(webhook.id)).failing_since, PATIENCE).toBeNull();
  });

  it('arrives whole and in order for each chat at one that fails half of the calls, is slow and is killed', async () => {
    const organization = await newOrganization();
    const { secret } = await create('/rough', {}, organization);
    const chats = Array.from({ length: 120 }, (_, index) => `chat ${index % 7}`);
    let count = 0;
    receiver.on('/rough', async (_told, response) => {
      count += 1;
      if (count % 2 === 0) {
        response.writeHead(503).end();
      }
      if (count % 20 === 0) {
        await receiver.kill();
        await receiver.revive();
      }
    });
    await append(organization, chats);

    await expect
      .poll(() => new Set(sequencesOf(receiver.takenBy('/rough'))).size, { timeout: 60_000 })
      .toBe(chats.length);
    const taken = receiver.takenBy('/rough');
    taken.forEach((told) => verify(told, secret));
    expectOrder(taken);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(chats.length);
  });

  it('delays nobody else, though it hangs', async () => {
    const [slow, quick] = [await newOrganization(), await newOrganization()];
    await create('/hangs', {}, slow);
    await create('/beside', {}, slow);
    await create('/quick', {}, quick);
    receiver.on('/hangs', hangs);
    await append(
      slow,
      Array.from({ length: 100 }, (_, index) => `chat ${index}`),
    );
    await expect.poll(() => receiver.callsTo('/hangs').length, PATIENCE).toBeGreaterThan(0);

    const startedAt = performance.now();
    await append(
      quick,
      Array.from({ length: 30 }, (_, index) => `chat ${index}`),
    );
    await Promise.all([receiver.until('/quick', 30), receiver.until('/beside', 100)]);
    expect(performance.now() - startedAt).toBeLessThan(settings.callMs);
    expect(receiver.callsTo('/hangs').length).toBeLessThanOrEqual(settings.perWebhook);
    receiver.on('/hangs', answers(410));
  });

  it('is judged by the status: of an answer without end the beginning is kept, redirects are not followed', async () => {
    const organization = await newOrganization();
    const endless = await create('/endless', {}, organization);
    const moved = await create('/moved', {}, organization);
    let sent = 0;
    const pour = (response: ServerResponse) => {
      const piece = 'x'.repeat(65_536);
      const more = () => {
        while (!response.destroyed && sent < 2 ** 30 && response.write(piece)) {
          sent += piece.length;
        }
      };
      response.on('drain', more).writeHead(200);
      more();
    };
    receiver.on('/endless', (_told, response) => pour(response));
    receiver.on('/moved', answers(302, { location: receiver.url('/there') }));
    await append(organization, ['a']);

    await expect
      .poll(() => deliveriesOf(endless.webhook.id), PATIENCE)
      .toMatchObject([{ status: 'delivered', response: { status: 200, body: 'x'.repeat(1_024) } }]);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
    await expect
      .poll(() => deliveriesOf(moved.webhook.id), PATIENCE)
      .toMatchObject([{ status: 'pending', error: 'redirect_not_followed', response: { status: 302 } }]);
    expect(receiver.callsTo('/there')).toEqual([]);
    await call('DELETE', `/${moved.webhook.id}`);
  });

  it('never reaches what is not on the open Internet', async () => {
    const organization = await newOrganization();
    for (const url of [
      'http://169.254.169.254/latest',
      'http://10.0.0.1/',
      'http://localhost/',
      'ftp://a.example/',
    ]) {
      const { status, body } = await service.api.call('POST', '/api/webhooks', {
        organization_id: organization,
        url,
      });
      expect([url, status, body['code']]).toEqual([url, 400, 'url_not_allowed']);
    }
    const { webhook } = await create('/inner', {}, organization);
    await database().sql('update webhook_endpoints set url = $2::text where id = $1::text::uuid', [
      webhook.id,
      'http://169.254.169.254/latest',
    ]);
    await append(organization, ['a']);

    await expect
      .poll(() => deliveriesOf(webhook.id), PATIENCE)
      .toMatchObject([{ status: 'pending', error: 'url_not_allowed', response: null }]);
    await call('DELETE', `/${webhook.id}`);
  });
});

describe('a webhook that fails for long', () => {
  it('is paused with a notice, and goes on with all that waits when it is resumed', async () => {
    const organization = await newOrganization();
    const { webhook } = await create('/failing', {}, organization);
    receiver.on('/failing', answers(500));
    settings.windowMs = 200;
    await append(organization, ['a', 'b', 'a']);

    await expect
      .poll(() => webhookOf(webhook.id), PATIENCE)
      .toMatchObject({ state: 'paused', pause_reason: 'failing' });
    const { body } = await service.api.call<{ entries: object[] }>(
      'GET',
      `/api/admin/audit?organization_id=${organization}&actor_id=service`,
    );
    expect(body).toMatchObject({
      entries: [{ action: 'webhook paused', object_id: webhook.id, details: { reason: 'failing' } }],
    });
    await append(organization, ['c']);

    receiver.on('/failing');
    settings.windowMs = new WebhookSettings().windowMs;
    await call('POST', `/${webhook.id}/resume`);
    const taken = await receiver.until('/failing', 4);
    expectOrder(taken);
    expect(new Set(sequencesOf(taken))).toEqual(new Set([1, 2, 3, 4]));
    expect(await webhookOf(webhook.id)).toMatchObject({
      state: 'active',
      paused_at: null,
      pause_reason: null,
    });
  });

  it('is paused at once where the receiver is gone, and what waits can be given up', async () => {
    const organization = await newOrganization();
    const { webhook } = await create('/gone', {}, organization);
    receiver.on('/gone', answers(410));
    await append(organization, ['a', 'a', 'b']);
    await expect
      .poll(() => webhookOf(webhook.id), PATIENCE)
      .toMatchObject({ state: 'paused', pause_reason: 'gone' });

    receiver.on('/gone');
    await call('POST', `/${webhook.id}/resume`, { after: 2 });
    expect(sequencesOf(await receiver.until('/gone', 1))).toEqual([3]);
    await expect
      .poll(() => deliveriesOf(webhook.id), PATIENCE)
      .toMatchObject([{ status: 'delivered' }, { error: 'skipped' }, { status: 'failed', error: 'skipped' }]);
  });

  it('can be told once more of what it was told, under the same ids', async () => {
    const organization = await newOrganization();
    const { webhook } = await create('/redriven', {}, organization);
    await append(organization, ['a', 'a', 'b', 'a', 'b']);
    const first = await receiver.until('/redriven', 5);
    const idsOfFirst = first.map(({ id }) => id);
    await expect
      .poll(async () => (await deliveriesOf(webhook.id, '?status=delivered')).length, PATIENCE)
      .toBe(5);

    await call('POST', `/${webhook.id}/redrive`, { after: 1, until: 4 });
    const again = (await receiver.until('/redriven', 8)).slice(5);
    expect(new Set(sequencesOf(again))).toEqual(new Set([2, 3, 4]));
    expectOrder(again);
    again.forEach(({ id }) => expect(idsOfFirst).toContain(id));
    await expect.poll(async () => (await webhookOf(webhook.id)).redrive, PATIENCE).toBeNull();

    await database().sql('delete from events where organization_id = $1::text and sequence < 4', [
      organization,
    ]);
    const { status, body } = await service.api.call('POST', `/api/webhooks/${webhook.id}/redrive`, {
      after: 1,
    });
    expect([status, body['code']]).toEqual([410, 'events_expired']);
  });
});

describe('what is in it', () => {
  it('goes with the person: nothing more is told, and no answer is kept that may repeat it', async () => {
    const organization = await newOrganization();
    const { webhook } = await create('/erased', {}, organization);
    receiver.on('/erased', (told, response) =>
      chatOf(told) === 'a' ? response.writeHead(200).end(told.text) : response.writeHead(500).end(),
    );
    await append(organization, ['a', 'b']);
    await expect
      .poll(() => deliveriesOf(webhook.id, '?status=delivered'), PATIENCE)
      .toMatchObject([{ response: { body: expect.stringContaining('whatsapp:message') } }]);

    await database().sql(`update events set payload = '{"erased": true}' where organization_id = $1::text`, [
      organization,
    ]);
    await expect
      .poll(() => deliveriesOf(webhook.id), PATIENCE)
      .toMatchObject([
        { status: 'failed', error: 'event_gone', request: { body: null } },
        { status: 'delivered', request: { body: null }, response: { body: null } },
      ]);
  });

  it('is bounded and known by name', async () => {
    const organization = await newOrganization();
    const refused = async (input: object) =>
      (await service.api.call('POST', '/api/webhooks', { organization_id: organization, ...input })).body[
        'code'
      ];
    const url = receiver.url('/many');
    expect(await refused({ url, events: ['whatsapp:qr'] })).toBe('validation_failed');
    expect(await refused({ url, events: [] })).toBe('validation_failed');
    expect(await refused({ url, instance_id: instanceId })).toBe('instance_not_found');
    for (let index = 0; index < 20; index++) {
      await create('/many', {}, organization);
    }
    expect(await refused({ url })).toBe('too_many_webhooks');
  });

  it('is told of nothing more when its organization is closed', async () => {
    const organization = await newOrganization();
    const { webhook } = await create('/closed', {}, organization);
    await service.api.call('DELETE', `/api/organizations/${organization}`);

    expect(await webhookOf(webhook.id)).toMatchObject({
      state: 'paused',
      pause_reason: 'organization_closed',
    });
    const { body } = await service.api.call('POST', `/api/webhooks/${webhook.id}/resume`);
    expect(body).toMatchObject({ code: 'organization_closed' });
  });
});
