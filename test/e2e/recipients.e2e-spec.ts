import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  // An owner, too, may have kept the number that the account was registered with.
  const owner = simulator.addPhone({ number: '22505123456', name: 'Owner' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
});
afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

const send = (to: string, message: string) =>
  service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, { to, message });

describe('the sender of an event', () => {
  it.each([
    ['22507123456', 'Ivory Coast, eight digits'],
    ['22997123456', 'Benin, eight digits'],
    ['24107123456', 'Gabon, an old number'],
    ['552133445566', 'a Brazilian landline'],
    ['5521912345', 'a length that Brazil does not have'],
    ['521551234567890', 'a length that Mexico does not have'],
    ['99912345678', 'a country that nobody knows'],
    ['1199988776', 'what can be no number at all'],
  ])('is answered at %s (%s)', async (number) => {
    const client = simulator.addPhone({ number, name: `Client ${number}` });
    const owner = simulator.phone('22505123456')!;
    await (await client.writes(owner, `hello from ${number}`)).acknowledged();
    const { from } = await events.next('whatsapp:message', ({ text }) => text === `hello from ${number}`);

    const answer = await send(from, 'hello back');
    const found = await service.api.call<{ contacts: object[] }>('POST', '/api/contacts', {
      organization_id: ORGANIZATION,
      phone_number: from,
    });

    expect(answer).toMatchObject({ status: 200, body: { success: true, status: 'sent' } });
    expect((await client.receives(({ text }) => text === 'hello back')).text).toBe('hello back');
    expect(found.body.contacts).toMatchObject([{ phone_number: number }]);
  });
});

describe('somebody who never wrote', () => {
  it.each([
    ['22547123456', '22547123456'],
    ['22548123456@c.us', '22548123456'],
    ['2250749123456', '22549123456'],
    ['2290196123456', '22996123456'],
    ['99987654321', '99987654321'],
  ])('is asked of WhatsApp under %s, and has the account %s', async (to, number) => {
    const client = simulator.addPhone({ number, name: 'New' });

    expect(await send(to, 'welcome')).toMatchObject({ status: 200 });
    expect((await client.receives(({ text }) => text === 'welcome')).text).toBe('welcome');
  });

  it.each(['22507999999', '31999887766', '5521900000000', '99900000000'])(
    'and is not on WhatsApp is no guess of ours: %s',
    async (to) => {
      const answer = await send(to, 'is anybody there?');

      expect(answer).toMatchObject({
        status: 400,
        body: {
          code: 'recipient_not_on_whatsapp',
          error: expect.stringContaining(`with the number ${to}.`),
          details: [{ path: 'to', message: 'is not on WhatsApp' }],
        },
      });
      expect(JSON.stringify(answer.body)).not.toContain('did you mean');
    },
  );

  it('is refused under what can be no number, with the number that was meant', async () => {
    expect(await send('11999887766', 'hello')).toMatchObject({
      status: 400,
      body: {
        code: 'validation_failed',
        details: [{ path: 'to', message: expect.stringContaining('did you mean 5511999887766?') }],
      },
    });
  });
});

it.each([
  ['120363041234567890@g.us', /group.*not supported yet/],
  ['5511999887766-1612345678@g.us', /group.*not supported yet/],
  ['status@broadcast', /status updates/],
  ['120363041234567890@newsletter', /channel/],
  ['1612345678@broadcast', /broadcast list/],
])('%s is no person', async (to, why) => {
  expect(await send(to, 'hello')).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', details: [{ path: 'to', message: expect.stringMatching(why) }] },
  });
});
