import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { TestRedis } from '../support/redis.js';
import { SocketClient } from '../support/socket-client.js';
import { ask } from './access-ask.js';
import { ALLOWED, type Caller, type Callers, makeCallers } from './access-callers.js';
import { discover, DOCUMENTATION, type Discovered, eventsHeard } from './access-discovery.js';
import { asOwn, type Call, EVENT_RULES, hasId, otherId, PASSED, type Rule, RULES } from './access-rules.js';
import { AccessFixture, ADMIN_KEY, HOME, MISSING } from './access-fixture.js';

let redis: TestRedis;
let fixture: AccessFixture;
let found: Discovered;
let callers: Callers['callers'];
let foreigners: Callers['foreigners'];
let nobodies: Callers['nobodies'];

beforeAll(async () => {
  redis = await TestRedis.start();
  fixture = await AccessFixture.start({ REDIS_URL: redis.url, RUN_WORKER: 'true' });
  found = discover(fixture.http.app);
  ({ callers, foreigners, nobodies } = await makeCallers(fixture));
});
afterAll(async () => {
  await fixture?.stop();
  await redis?.stop();
});

describe('the rules', () => {
  it('are about every route that the application has, and no other', () => {
    const documented = found.routes.filter((name) => !DOCUMENTATION.test(name));

    expect(documented).toEqual(Object.keys(RULES).toSorted());
    // Nothing hides from the search: each handler of a controller is a route.
    expect(documented).toHaveLength(found.handlers);
  });

  it('are about every event that a socket may send, as its handler declares', () => {
    expect(found.events).toEqual(EVENT_RULES);
  });

  it('are about all that could answer beside the routes', () => {
    expect(found.passed).toEqual(PASSED);
    expect(found.namespaces).toEqual(['/']);
  });

  it('are about everything that the service listens to on a socket', async () => {
    const client = await SocketClient.connect(fixture.http.url, { auth: { token: ADMIN_KEY } });
    const heard = eventsHeard(fixture.http.app, client.socket.id!);
    client.close();

    expect(heard.toSorted()).toEqual(Object.keys(EVENT_RULES).toSorted());
  });
});

describe.each(Object.entries(RULES))('%s', (name, rule) => {
  const isPublic = rule.access === 'public';

  it('answers nobody', async () => {
    const call = await rule.call(fixture);
    const answers = await Promise.all(
      Object.entries(nobodies).map(
        async ([who, token]) => [who, await ask(fixture, name, call, token)] as const,
      ),
    );

    const expected = isPublic ? [rule.status ?? 200, rule.code] : [401, 'unauthorized'];
    expect(answers.map(([who, { status, code }]) => [who, status, code])).toEqual(
      Object.keys(nobodies).map((who) => [who, ...expected]),
    );
    // Alike to the letter: a caller learns nothing of why.
    expect(isPublic || new Set(answers.map(([, { text }]) => text)).size === 1).toBe(true);
  });

  it('answers nobody who spells it otherwise', async () => {
    const call = await rule.call(fixture);
    const [path = '', query] = call.path.split('?');
    const spellings = [
      path.toUpperCase(),
      `${path}/`,
      `/${path}`,
      path.replace('/a', '/%61'),
      `${path}//`,
      `${path}%00`,
    ];
    const answers = spellings.map((one) =>
      ask(fixture, name, { ...call, path: query === undefined ? one : `${one}?${query}` }, undefined),
    );
    const head = name.startsWith('GET ') ? [ask(fixture, name.replace('GET', 'HEAD'), call, undefined)] : [];

    for (const { status } of await Promise.all([...answers, ...head])) {
      expect(isPublic ? [200, 404] : [401, 404]).toContain(status);
    }
  });

  it.each(Object.entries(ALLOWED))('answers what it should to: %s', async (who, allowed) => {
    const token = callers[who as Caller];
    const { status, code } = await ask(fixture, name, await rule.call(fixture, token), token);

    const mayCall = isPublic || allowed.includes(rule.access);
    expect([status, code]).toEqual(mayCall ? [statusFor(rule, who), rule.code] : [403, 'permission_denied']);
  });

  it.each(['foreignKey', 'foreignOwner'] as const)('tells nothing to: %s', async (who) => {
    const call = await rule.call(fixture);
    const answer = await ask(fixture, name, call, foreigners[who]);

    expect(answer.text).not.toContain(HOME);
    if (rule.missing !== undefined) {
      await expectLikeMissing(name, rule, call, answer, foreigners[who]);
    }
    for (const own of hasId(call) && !rule.isIdGiven ? asOwn(call) : []) {
      const inOwn = await ask(fixture, name, own, foreigners[who]);
      expect(inOwn.status).toBe(404);
      expect(await ask(fixture, name, otherId(own), foreigners[who])).toEqual(inOwn);
    }
  });
});

/** The object exists, which those see who may; a stranger sees no difference. */
async function expectLikeMissing(
  name: string,
  rule: Rule,
  call: Call,
  answer: Awaited<ReturnType<typeof ask>>,
  token: string,
): Promise<void> {
  const missing = rule.missing!(call);
  expect(missing).not.toEqual(call);
  expect([403, 404]).toContain(answer.status);
  expect(await ask(fixture, name, missing, token)).toEqual(answer);
  expect((await ask(fixture, name, missing, callers.homeKey)).status).not.toBe(200);
  const seen = rule.access === 'user' ? 403 : statusFor(rule, 'adminKey');
  expect((await ask(fixture, name, call, callers.adminKey)).status).toBe(seen);
}

function statusFor({ status = 200 }: Rule, who: string): number {
  return typeof status === 'number' ? status : (status[who] ?? 200);
}

/** What an event says beside the organization. */
function argumentsOf(event: string): object[] {
  return event === 'show-activity' ? [{ contactId: randomUUID(), activity: 'reading' }] : [];
}

describe('a socket', () => {
  const connect = (token: string | undefined) =>
    SocketClient.connect(fixture.http.url, token === undefined ? {} : { auth: { token } });

  it('is refused to nobody alike', async () => {
    for (const [who, token] of Object.entries(nobodies)) {
      const refusal = await connect(token).catch((error: { data: unknown }) => error.data);
      expect([who, refusal]).toMatchObject([who, { success: false, code: 'unauthorized' }]);
    }
  });

  it.each(Object.entries(ALLOWED))('is answered what it should be: %s', async (who, allowed) => {
    const client = await connect(callers[who as Caller]);
    for (const [event, access] of Object.entries(EVENT_RULES)) {
      const answer = await client.call(event, HOME, ...argumentsOf(event));

      expect([event, answer]).toMatchObject([
        event,
        allowed.includes(access) ? { success: true } : { success: false, code: 'permission_denied' },
      ]);
    }
    client.close();
  });

  it.each(Object.entries(ALLOWED))(
    'joins where reading is allowed, and hears how to link where managing is: %s',
    async (who, allowed) => {
      const client = await connect(callers[who as Caller]);
      const answer = await client.call('join-organization', HOME);
      const bus = fixture.http.app.get(DomainEventBus);
      const names = { organizationId: HOME, instanceId: randomUUID(), at: new Date() };
      bus.emit('instance.qr_issued', { ...names, qr: 'scan me' });
      bus.emit('instance.pairing_code_issued', { ...names, pairingCode: 'ABCD1234', expiresAt: new Date() });
      await client.call('leave-organization', HOME);
      client.close();

      expect(answer).toMatchObject(
        allowed.includes('read') ? { success: true } : { success: false, code: 'permission_denied' },
      );
      const mayLink = allowed.includes('read') && allowed.includes('manage');
      expect(client.events.map(({ name: event }) => event)).toEqual(
        mayLink ? ['whatsapp:qr', 'whatsapp:pairing-code'] : [],
      );
    },
  );

  it.each(['foreignKey', 'foreignOwner'] as const)('tells nothing to: %s', async (who) => {
    const client = await connect(foreigners[who]);
    for (const event of Object.keys(EVENT_RULES)) {
      const real = JSON.stringify(await client.call(event, HOME, ...argumentsOf(event)));
      const missing = JSON.stringify(await client.call(event, MISSING, ...argumentsOf(event)));

      expect([event, missing.replaceAll(MISSING, HOME)]).toEqual([event, real]);
    }
    expect(await client.call('join-organization', HOME)).toMatchObject({ code: 'organization_forbidden' });
    for (const options of [{}, { after: 0 }, { after: 1 }]) {
      const answers = [HOME, MISSING].map((id) => client.call('join-organization', id, options));
      const [real, missing] = await Promise.all(answers);
      expect(real).toMatchObject({ code: 'organization_forbidden' });
      expect(missing).toEqual(real);
    }
    expect(client.events).toEqual([]);
    client.close();
  });
});
