import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../support/api-client.js';
import { callsOf, type FuzzCall, type Names } from '../support/openapi-arbitraries.js';
import { OpenApiContract } from '../support/openapi-contract.js';
import { AccessFixture, ADMIN_KEY, bearer, FOREIGN, HOME, MISSING } from './access-fixture.js';
import { NOBODY } from './access-rules.js';

/** Calls of each operation; more of them: `FUZZ_CASES=500 FUZZ_SEED=7 npx vitest run --project e2e test/e2e/openapi-fuzz.e2e-spec.ts`. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 10);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_130);
const LIMIT_MS = 180_000 + CASES * 2_000;
/** In everything of the organization that its neighbour must not see. */
const CANARY = 'canary-of-home';

let fixture: AccessFixture;
let tokens: Record<string, string | undefined>;

const contract = new OpenApiContract();
const operations = Object.entries(contract.document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

beforeAll(async () => {
  fixture = await AccessFixture.start();
  tokens = {
    home: (await fixture.key(HOME)).key,
    neighbour: (await fixture.key(FOREIGN)).key,
    administrator: ADMIN_KEY,
    nobody: undefined,
  };
});
afterAll(() => fixture?.stop());

/** @returns names of things that an operation may be about: those of both organizations, and of nothing */
async function makeNames(name: string): Promise<Names> {
  const { instanceId, contactId, messageId, bookingId } = await fixture.conversation();
  const neighbours = await fixture.conversation(FOREIGN);
  const others = [
    await fixture.group(HOME, instanceId),
    await fixture.webhook(),
    await fixture.messageWithPicture(),
  ];
  for (const [table, column] of [
    ['contacts', 'name'],
    ['messages', 'content'],
    ['notes', 'content'],
    ['groups', 'subject'],
  ]) {
    await fixture.database.sql(`update ${table} set ${column} = $1::text where organization_id = $2::text`, [
      CANARY,
      HOME,
    ]);
  }
  const ids = [instanceId, contactId, messageId, bookingId, ...others, ...Object.values(neighbours), NOBODY];
  // Whoever closes an organization ends the run of the others.
  const isEnd = name === 'DELETE /api/organizations/{id}';
  const organizations = isEnd ? [await fixture.organization(), MISSING] : [HOME, FOREIGN, MISSING];
  return {
    id: name.includes('/api/organizations/{id}') ? organizations : ids,
    uuid: ids,
    organization_id: organizations,
    organizationId: organizations,
    instance_id: [instanceId, instanceId, neighbours.instanceId, NOBODY],
    contact_id: [contactId, contactId, neighbours.contactId, NOBODY],
    url: [
      'http://127.0.0.1:9/',
      'http://[::1]/',
      'https://a.invalid/',
      'javascript:alert(1)',
      'file:///etc/passwd',
      '//x',
      '',
    ],
    number: ['5521988776655', '+5521988776655', '12', 'x'],
    to: ['5521988776655', '5521988776655@s.whatsapp.net', '1@g.us', '1@lid', '+55', 'x'.repeat(300)],
    wait: ['0', '1', '-1', '1.5', 'x'],
  };
}

/** @returns what is wrong with the answer to a call; empty where nothing is */
async function faultsOf(method: string, { path, headers, body }: FuzzCall, who: string): Promise<string[]> {
  const response = await fetch(fixture.http.url + path, {
    method,
    headers: { ...headers, ...bearer(tokens[who]) },
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(30_000),
  });
  const text = await textOf(response);
  const answer = { method, path, status: response.status, headers: response.headers, body: text };
  return [
    ...(response.status >= 500 ? [`answers ${response.status}: ${text}`] : []),
    ...contract.faultsOf(answer),
    ...(text.includes(CANARY) && who !== 'home' && who !== 'administrator' ? [`tells ${who}: ${text}`] : []),
  ];
}

describe.each(operations)('$name', ({ name, method, path, operation }) => {
  it(
    'answers as documented, whatever it is sent',
    async () => {
      const names = await makeNames(name);
      const calls = callsOf(contract.document, path, operation, names);
      const who = fc.oneof(
        { weight: 6, arbitrary: fc.constant('home') },
        { weight: 3, arbitrary: fc.constant('neighbour') },
        { weight: 2, arbitrary: fc.constant('administrator') },
        { weight: 1, arbitrary: fc.constant('nobody') },
      );
      const canBody = method !== 'GET';

      await fc.assert(
        fc.asyncProperty(calls, who, async ({ body, ...call }, caller) => {
          const asked = canBody && body !== undefined ? { ...call, body } : call;
          expect(await faultsOf(method, asked, caller)).toEqual([]);
        }),
        { seed: SEED, numRuns: CASES, interruptAfterTimeLimit: LIMIT_MS - 60_000 },
      );
    },
    LIMIT_MS,
  );
});

it('is alive after all of it', async () => {
  const { status, body } = await fixture.http.api.call('GET', '/health/ready');

  expect([status, body]).toMatchObject([200, {}]);
});
