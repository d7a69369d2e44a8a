import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SocketClient } from '../support/socket-client.js';
import { AccessFixture } from './access-fixture.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const HOME = 'org_home';
const contactId = randomUUID();
const clients: SocketClient[] = [];

let http: HttpApp;

beforeAll(async () => {
  http = await startHttpApp();
});
afterAll(() => http.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

async function joined(organizationId = HOME): Promise<SocketClient> {
  const client = await SocketClient.join(http.url, organizationId);
  clients.push(client);
  return client;
}

const told = ({ events }: SocketClient) => events.map(({ payload }) => payload['activity']);

it('tells the others of the organization who reads and writes, and nobody else', async () => {
  const [ana, bia, stranger] = [await joined(), await joined(), await joined('org_other')];
  expect(await ana.call('show-activity', HOME, { contactId, activity: 'reading' })).toEqual({
    success: true,
    organizationId: HOME,
  });
  await ana.call('show-activity', HOME, { contactId, activity: 'writing' });

  const heard = await bia.waitFor('whatsapp:activity', 2);
  expect(heard[0]).toEqual({
    contactId,
    activity: 'reading',
    actor: { kind: 'open', id: 'open', name: expect.any(String) },
    connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    timestamp: expect.any(String),
  });
  expect(heard[1]).toMatchObject({ activity: 'writing', connectionId: heard[0]!['connectionId'] });
  expect([told(ana), told(stranger)]).toEqual([[], []]);
});

it('tells that somebody left, for another conversation or for good', async () => {
  const [ana, bia] = [await joined(), await joined()];
  const elsewhere = randomUUID();
  await ana.call('show-activity', HOME, { contactId, activity: 'reading' });
  await ana.call('show-activity', HOME, { contactId: elsewhere, activity: 'reading' });
  ana.close();

  const heard = await bia.waitFor('whatsapp:activity', 4);
  expect(heard.map((one) => [one['contactId'], one['activity']])).toEqual([
    [contactId, 'reading'],
    [contactId, 'left'],
    [elsewhere, 'reading'],
    [elsewhere, 'left'],
  ]);
});

it('tells no more of one socket than people do', async () => {
  const [ana, bia] = [await joined(), await joined()];
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => ana.call('show-activity', HOME, { contactId, activity: 'writing' })),
  );

  expect(answers.filter(({ success }) => success === true)).toHaveLength(30);
  expect(answers.at(-1)).toMatchObject({ success: false, code: 'rate_limited' });
  await bia.waitFor('whatsapp:activity', 30);
  expect(told(bia)).toHaveLength(30);
});

it.each([
  [undefined],
  ['reading'],
  [{ contactId, activity: 'sleeping' }],
  [{ contactId: 'x', activity: 'reading' }],
  [{ contactId: `${contactId}<script>`, activity: 'reading' }],
])('refuses %j', async (activity) => {
  const [ana, bia] = [await joined(), await joined()];

  expect(await ana.call('show-activity', HOME, activity)).toMatchObject({ code: 'validation_failed' });
  expect(await ana.call('show-activity', '../', activity)).toMatchObject({ code: 'invalid_organization_id' });
  expect(told(bia)).toEqual([]);
});

it('is shown by who may do it: to write is for those who may send', async () => {
  const fixture = await AccessFixture.start();
  try {
    const join = async (scopes: string[]) => {
      const auth = { token: (await fixture.key(HOME, scopes)).key };
      const client = await SocketClient.join(fixture.http.url, HOME, { auth });
      clients.push(client);
      return client;
    };
    const [reader, sender] = [await join(['read']), await join(['read', 'send'])];

    expect(await reader.call('show-activity', HOME, { contactId, activity: 'writing' })).toMatchObject({
      success: false,
      code: 'permission_denied',
    });
    expect(await reader.call('show-activity', 'org_other', { contactId, activity: 'reading' })).toMatchObject(
      {
        success: false,
        code: 'organization_forbidden',
      },
    );
    await reader.call('show-activity', HOME, { contactId, activity: 'reading' });
    await sender.call('show-activity', HOME, { contactId, activity: 'writing' });

    await reader.waitFor('whatsapp:activity', 1);
    await sender.waitFor('whatsapp:activity', 1);
    expect([told(reader), told(sender)]).toEqual([['writing'], ['reading']]);
  } finally {
    await fixture.stop();
  }
});
