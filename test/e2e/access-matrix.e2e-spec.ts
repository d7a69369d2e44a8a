import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../src/auth/principal.js';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { claimsOf, hmac, tokenOf } from '../support/identity-provider.js';
import { TestRedis } from '../support/redis.js';
import { SocketClient } from '../support/socket-client.js';
import { discover, type Discovered, eventsHeard, type Reference, referencesIn } from './access-discovery.js';
import {
  asOwn,
  type Call,
  EVENT_RULES,
  hasId,
  NOBODY,
  otherId,
  PASSED,
  type Rule,
  RULES,
} from './access-rules.js';
import { AccessWorld, ADMIN_KEY, bearer, FOREIGN, HOME, MISSING, userToken } from './access-world.js';

const BOARD = '/admin/queues';
/** Swagger UI and the document: for everybody, like the code itself. */
const DOCUMENTATION = /^GET \/api\/docs/;

/** Callers who are somebody, with what they may do in their organization. */
type Caller = 'viewer' | 'agent' | 'owner' | 'readKey' | 'sendKey' | 'homeKey' | 'administrator' | 'adminKey';
const ALLOWED: Readonly<Record<Caller, readonly Access[]>> = {
  viewer: ['read'],
  agent: ['read', 'send'],
  owner: ['read', 'send', 'manage'],
  readKey: ['read'],
  sendKey: ['send'],
  homeKey: ['read', 'send', 'manage'],
  administrator: ['read', 'send', 'manage', 'admin'],
  adminKey: ['read', 'send', 'manage', 'admin'],
};

/** Callers who are nobody, by what is wrong with them. */
type Nobody =
  | 'none'
  | 'garbage'
  | 'unknownKey'
  | 'revokedKey'
  | 'expiredKey'
  | 'wrongSignature'
  | 'algorithmNone'
  | 'publicKeyAsSecret'
  | 'wrongAudience'
  | 'expiredToken'
  | 'endlessToken';

let redis: TestRedis;
let world: AccessWorld;
let found: Discovered;
let callers: Record<Caller, string>;
let foreigners: Record<'foreignKey' | 'foreignOwner', string>;
let nobodies: Record<Nobody, string | undefined>;

beforeAll(async () => {
  redis = await TestRedis.start();
  world = await AccessWorld.start({ REDIS_URL: redis.url, RUN_WORKER: 'true' });
  found = discover(world.http.app);
  const owner = await world.member(HOME, 'owner');
  callers = {
    viewer: userToken(await world.member(HOME, 'viewer')),
    agent: world.provider.es256(claimsOf(await world.member(HOME, 'agent'))),
    owner: world.provider.rs256(claimsOf(owner)),
    readKey: (await world.key(HOME, ['read'])).key,
    sendKey: (await world.key(HOME, ['send'])).key,
    homeKey: (await world.key(HOME)).key,
    administrator: ADMIN_KEY,
    adminKey: (await world.key(null)).key,
  };
  foreigners = {
    foreignKey: (await world.key(FOREIGN)).key,
    foreignOwner: userToken(await world.member(FOREIGN, 'owner')),
  };
  const revoked = await world.key(HOME);
  await world.do('DELETE', `/api/organizations/${HOME}/api-keys/${revoked.id}`);
  const expired = await world.key(HOME);
  await world.database.sql(`update api_keys set expires_at = now() where id = $1::text::uuid`, [expired.id]);
  nobodies = {
    none: undefined,
    garbage: 'garbage',
    unknownKey: `auz_0123abcd_${'x'.repeat(43)}`,
    revokedKey: revoked.key,
    expiredKey: expired.key,
    wrongSignature: userToken(owner, {}, 'a-secret-that-is-not-the-one-of-this-service'),
    algorithmNone: tokenOf({ alg: 'none' }, claimsOf(owner), () => Buffer.alloc(0)),
    publicKeyAsSecret: tokenOf(
      { alg: 'HS256', kid: world.provider.rsaId },
      claimsOf(owner),
      hmac(world.provider.rsaPem),
    ),
    wrongAudience: userToken(owner, { aud: 'anon' }),
    expiredToken: userToken(owner, { exp: Math.floor(Date.now() / 1000) - 1 }),
    endlessToken: userToken(owner, { exp: undefined }),
  };
});
afterAll(async () => {
  await world?.stop();
  await redis?.stop();
});

/** Everything of an answer but what differs from call to call. */
async function ask(name: string, { path, body }: Call, token: string | undefined) {
  const response = await fetch(world.http.url + path, {
    method: name.split(' ')[0]!,
    headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  const headers = Object.fromEntries(
    [...response.headers].filter(([header]) => !['date', 'x-request-id', 'etag'].includes(header)),
  );
  return {
    status: response.status,
    headers,
    text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
    code: /"code":"([^"]*)"/.exec(text)?.[1],
  };
}

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
    const client = await SocketClient.connect(world.http.url, { auth: { token: ADMIN_KEY } });
    const heard = eventsHeard(world.http.app, client.socket.id!);
    client.close();

    expect(heard.toSorted()).toEqual(Object.keys(EVENT_RULES).toSorted());
  });
});

describe.each(Object.entries(RULES))('%s', (name, rule) => {
  const isPublic = rule.access === 'public';

  it('answers nobody', async () => {
    const call = await rule.call(world);
    const answers = await Promise.all(
      Object.entries(nobodies).map(async ([who, token]) => [who, await ask(name, call, token)] as const),
    );

    const expected = isPublic ? [200, undefined] : [401, 'unauthorized'];
    expect(answers.map(([who, { status, code }]) => [who, status, code])).toEqual(
      Object.keys(nobodies).map((who) => [who, ...expected]),
    );
    // Alike to the letter: a caller learns nothing of why.
    expect(isPublic || new Set(answers.map(([, { text }]) => text)).size === 1).toBe(true);
  });

  it('answers nobody who spells it otherwise', async () => {
    const call = await rule.call(world);
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
      ask(name, { ...call, path: query === undefined ? one : `${one}?${query}` }, undefined),
    );
    const head = name.startsWith('GET ') ? [ask(name.replace('GET', 'HEAD'), call, undefined)] : [];

    for (const { status } of await Promise.all([...answers, ...head])) {
      expect(isPublic ? [200, 404] : [401, 404]).toContain(status);
    }
  });

  it.each(Object.entries(ALLOWED))('answers what it should to: %s', async (who, allowed) => {
    const { status, code } = await ask(name, await rule.call(world), callers[who as Caller]);

    const mayCall = isPublic || allowed.includes(rule.access);
    expect([status, code]).toEqual(mayCall ? [rule.status ?? 200, undefined] : [403, 'permission_denied']);
  });

  it.each(['foreignKey', 'foreignOwner'] as const)('tells nothing to: %s', async (who) => {
    const call = await rule.call(world);
    const answer = await ask(name, call, foreigners[who]);

    expect(answer.text).not.toContain(HOME);
    if (rule.missing !== undefined) {
      await expectLikeMissing(name, rule, call, answer, foreigners[who]);
    }
    for (const own of hasId(call) && !rule.isIdGiven ? asOwn(call) : []) {
      const inOwn = await ask(name, own, foreigners[who]);
      expect(inOwn.status).toBe(404);
      expect(await ask(name, otherId(own), foreigners[who])).toEqual(inOwn);
    }
  });
});

/** What a list holds, whatever its name, each item as text. */
const itemsOf = ({ text }: { text: string }): string[] =>
  (Object.values(JSON.parse(text) as object).find((value) => Array.isArray(value)) as unknown[]).map((item) =>
    JSON.stringify(item),
  );

/** The call with one more field. */
function withField({ path, body }: Call, { field, place }: Reference, value: string | number): Call {
  return place === 'body'
    ? { path, body: { ...(body as object), [field]: value } }
    : { path: `${path}${path.includes('?') ? '&' : '?'}${field}=${value}`, body };
}

describe('in the own organization', () => {
  let references: Reference[];
  let home: Record<string, string>;
  beforeAll(async () => {
    references = referencesIn((await world.http.api.call<never>('GET', '/api/docs-json')).body);
    const { instanceId, contactId } = await world.conversation();
    await world.deadMessage(instanceId);
    home = { instance_id: instanceId, contact_id: contactId };
  });

  it("another's id is like one of nothing, in every field that takes one", async () => {
    const ids = references.filter(({ field }) => field !== 'cursor');
    expect(ids.length).toBeGreaterThan(4);
    for (const reference of ids) {
      const { route, field } = reference;
      const id = home[field];
      if (id === undefined) {
        throw new Error(`${route}: whose id is ${field}? Name one of another organization's objects.`);
      }
      const call = await RULES[route]!.call(world);
      const answers = (one: Call, token: string) =>
        Promise.all([id, NOBODY].map((value) => ask(route, withField(one, reference, value), token)));

      for (const own of asOwn(call)) {
        const [theirs, nothing] = await answers(own, foreigners.foreignKey);
        expect([reference, theirs]).toEqual([reference, nothing]);
      }
      // There is something to be seen for those who may.
      const [own, none] = await answers(call, callers.homeKey);
      expect([reference, own!.text]).not.toEqual([reference, none!.text]);
    }
  });

  it("another's cursor shows nothing that is not in the own list", async () => {
    const lists: { reference: Reference; call: Call; own: Call }[] = [];
    for (const reference of references.filter(({ field }) => field === 'cursor')) {
      const call = await RULES[reference.route]!.call(world);
      const [own = call] = asOwn(call);
      if ((await ask(reference.route, own, foreigners.foreignKey)).status === 200) {
        lists.push({ reference, call, own });
      }
    }

    expect(lists.length).toBeGreaterThan(8);
    for (const { reference, call, own } of lists) {
      const theirs = withField(own, reference, await cursorOf(call, reference));
      const shown = await ask(reference.route, theirs, foreigners.foreignKey);
      const whole = withField(own, { ...reference, field: 'limit' }, 100);
      const all = await ask(reference.route, whole, foreigners.foreignKey);
      const known = new Set(itemsOf(all));
      // A list of more than a page is of rows that say whose they are.
      const isWhole = all.text.includes('"next_cursor":null');

      expect([reference, shown.status]).toEqual([reference, 200]);
      expect([reference, shown.text]).not.toEqual([reference, expect.stringContaining(HOME)]);
      expect([reference, isWhole ? itemsOf(shown).filter((item) => !known.has(item)) : []]).toEqual([
        reference,
        [],
      ]);
    }
  });

  /** @returns the cursor after the first item of a list, as an administrator is given it */
  async function cursorOf(call: Call, reference: Reference): Promise<string> {
    const first = withField(call, { ...reference, field: 'limit' }, 1);
    const { text } = await ask(reference.route, first, ADMIN_KEY);
    const { next_cursor: cursor } = JSON.parse(text) as { next_cursor: string | null };
    expect([reference, cursor]).toEqual([reference, expect.any(String)]);
    return cursor!;
  }
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
  expect(await ask(name, missing, token)).toEqual(answer);
  expect((await ask(name, missing, callers.homeKey)).status).not.toBe(200);
  expect((await ask(name, call, callers.adminKey)).status).toBe(rule.status ?? 200);
}

describe('a socket', () => {
  const connect = (token: string | undefined) =>
    SocketClient.connect(world.http.url, token === undefined ? {} : { auth: { token } });

  it('is refused to nobody alike', async () => {
    for (const [who, token] of Object.entries(nobodies)) {
      const refusal = await connect(token).catch((error: { data: unknown }) => error.data);
      expect([who, refusal]).toMatchObject([who, { success: false, code: 'unauthorized' }]);
    }
  });

  it.each(Object.entries(ALLOWED))('is answered what it should be: %s', async (who, allowed) => {
    const client = await connect(callers[who as Caller]);
    for (const [event, access] of Object.entries(EVENT_RULES)) {
      const answer = await client.call(event, HOME);

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
      const bus = world.http.app.get(DomainEventBus);
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
      const real = JSON.stringify(await client.call(event, HOME));
      const missing = JSON.stringify(await client.call(event, MISSING));

      expect([event, missing.replaceAll(MISSING, HOME)]).toEqual([event, real]);
    }
    expect(await client.call('join-organization', HOME)).toMatchObject({ code: 'organization_forbidden' });
    client.close();
  });
});

describe('the page of the queue', () => {
  const open = (token: string | undefined, scheme: 'Bearer' | 'Basic') =>
    fetch(world.http.url + BOARD, {
      headers:
        token === undefined
          ? {}
          : {
              authorization:
                scheme === 'Bearer'
                  ? `Bearer ${token}`
                  : `Basic ${Buffer.from(`any:${token}`).toString('base64')}`,
            },
    });

  it.each(['Bearer', 'Basic'] as const)('is for administrators alone, by %s', async (scheme) => {
    for (const who of ['administrator', 'adminKey'] as const) {
      expect([who, (await open(callers[who], scheme)).status]).toEqual([who, 200]);
    }
    const others = { ...callers, ...foreigners, ...nobodies, administrator: undefined, adminKey: undefined };
    for (const [who, token] of Object.entries(others)) {
      expect([who, (await open(token, scheme)).status]).toEqual([who, 401]);
    }
  });

  it('tells a user without organization nothing', async () => {
    expect((await open(userToken(randomUUID()), 'Basic')).status).toBe(401);
  });
});

describe("another organization's contact", () => {
  it('is like none in the own organization, too', async () => {
    const { contactId } = await world.conversation();
    const real = await ask('GET', { path: `/api/contacts/${contactId}` }, foreigners.foreignKey);
    const missing = await ask('GET', { path: `/api/contacts/${randomUUID()}` }, foreigners.foreignKey);

    expect(real).toMatchObject({ status: 404, code: 'contact_not_found' });
    expect(missing).toEqual(real);
  });
});

describe('a user who is a member of nothing', () => {
  it('is told so', async () => {
    const answer = await world.http.api.call(
      'GET',
      '/api/messages',
      undefined,
      bearer(userToken(randomUUID())),
    );

    expect(answer).toMatchObject({ status: 403, body: { code: 'no_membership' } });
  });
});
