import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';

let simulator: WhatsAppSimulator;
let service: TestService;
let settings: SessionSettings;
let owner: Phone;
let client: Phone;
let instanceId: string;
/** Ids of the messages that reached WhatsApp, repeats included. */
let stanzas: string[];
let counter = 0;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  settings = service.service.app.get(SessionSettings, { strict: false });
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
  simulator.on('client.message', ({ id }) => stanzas.push(id));
});
afterAll(async () => {
  await service.stop();
  await simulator.stop();
});

beforeEach(() => {
  stanzas = [];
  settings.outbound.reopenMs = { limited: 30_000, temporary: 10_000 };
  simulator.faults.clear();
});

interface Answer {
  code?: string;
  error?: string;
  message_id?: string;
}

async function send(message: string, { to = client.number, key }: { to?: string; key?: string } = {}) {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  const path = `/api/whatsapp/instances/${instanceId}/send`;
  const {
    status,
    body,
    headers: answered,
  } = await service.api.call<Answer>('POST', path, { to, message }, headers);
  return { status, code: body.code, retryAfter: answered.get('retry-after'), id: body.message_id };
}

async function lastStored() {
  const path = `/api/messages?organization_id=${ORGANIZATION}&limit=1`;
  const { body } = await service.api.call<{ messages: object[] }>('GET', path);
  return body.messages[0];
}

describe('a message that WhatsApp refuses', () => {
  it.each([
    [400, 422, 'whatsapp_bad_request', null],
    [401, 422, 'whatsapp_unauthorized', null],
    [403, 422, 'whatsapp_forbidden', null],
    [404, 422, 'whatsapp_recipient_not_found', null],
    [405, 422, 'whatsapp_not_allowed', null],
    [406, 422, 'whatsapp_not_acceptable', null],
    [408, 503, 'whatsapp_timeout', '10'],
    [410, 422, 'whatsapp_recipient_gone', null],
    [420, 429, 'whatsapp_rate_limited', '30'],
    [421, 422, 'whatsapp_wrong_addressing', null],
    [429, 429, 'whatsapp_rate_limited', '30'],
    [463, 422, 'whatsapp_contact_restricted', null],
    [475, 422, 'whatsapp_refused', null],
    [479, 422, 'whatsapp_stanza_rejected', null],
    [500, 503, 'whatsapp_internal_error', '10'],
    [503, 503, 'whatsapp_unavailable', '10'],
  ])('with %i is answered with %i %s, and stored with that code', async (error, status, code, retryAfter) => {
    const message = `refused with ${error}`;
    simulator.faults.refuseMessages(owner, error);

    expect(await send(message)).toEqual({ status, code, retryAfter, id: undefined });
    expect(await lastStored()).toMatchObject({ content: message, status: 'failed', error: code });
    expect(stanzas).toHaveLength(1);
  });

  it.each([
    [429, 429, 'whatsapp_rate_limited', '30'],
    [403, 422, 'whatsapp_forbidden', null],
    [503, 503, 'whatsapp_unavailable', '10'],
  ])(
    'before it is written, with %i to a question about its recipient, is answered alike',
    async (error, status, code, retryAfter) => {
      const { number } = simulator.addPhone({ number: `55119777700${counter++}0`, name: 'New' });
      simulator.faults.refuseQueries('usync', error, 10);

      const answer = await send('who are you?', { to: number });

      expect(answer).toEqual({ status, code, retryAfter, id: undefined });
      expect(await lastStored()).toMatchObject({ status: 'failed', error: code });
      expect(stanzas).toEqual([]);
    },
  );
});

describe('an idempotency key', () => {
  it('gives the same answer, and sends nothing, until the time that Retry-After says is over', async () => {
    simulator.faults.refuseMessages(owner, 429);
    const first = await send('too fast', { key: 'fast' });

    expect(await send('too fast', { key: 'fast' })).toEqual(first);
    expect(first).toMatchObject({ status: 429, code: 'whatsapp_rate_limited', retryAfter: '30' });
    expect(stanzas).toHaveLength(1);
  });

  it.each([429, 503])('sends the message that was refused with %i afterwards, once', async (error) => {
    const key = `afterwards ${error}`;
    simulator.faults.refuseMessages(owner, error, 2);
    const first = await send(key, { key });
    settings.outbound.reopenMs = { limited: 0, temporary: 0 };

    const second = await send(key, { key });
    const third = await send(key, { key });
    const fourth = await send(key, { key });
    await client.receives(({ text }) => text === key);

    expect([first, second, third, fourth].map(({ status }) => status)).toEqual([error, error, 200, 200]);
    expect(third.id).toBe(fourth.id);
    expect(new Set(stanzas).size).toBe(1);
    expect(stanzas).toHaveLength(3);
    expect(client.received.filter(({ text }) => text === key)).toHaveLength(1);
    await expect
      .poll(lastStored)
      .toMatchObject({ content: key, status: expect.stringMatching(/sent|delivered/), error: null });
  });

  it.each([463, 403, 479])('never sends what was refused for good with %i', async (error) => {
    const key = `for good ${error}`;
    simulator.faults.refuseMessages(owner, error);
    settings.outbound.reopenMs = { limited: 0, temporary: 0 };
    const first = await send(key, { key });

    expect(await send(key, { key })).toEqual(first);
    expect(first.status).toBe(422);
    expect(stanzas).toHaveLength(1);
  });
});
