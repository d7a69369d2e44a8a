import { describe, expect, it } from 'vitest';
import type { MigrationFile } from './migration-files.js';
import { newClient, withHonestAnswers } from './project-client.js';
import { checkSupabaseProject } from './supabase-project.js';

const SHIPPED: MigrationFile[] = [
  { version: '20250101000000', name: 'auzap_baseline', sql: '' },
  { version: '20250201000000', name: 'auzap_more', sql: '' },
];
const VERSIONS = SHIPPED.map(({ version, name }) => [version, name]);
const ROWS = Array.from({ length: 501 }, (_, row) => row);

interface Answer {
  /** 0 for none. */
  status: number;
  /** Why there was none. */
  cause?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Checks a project that gives these answers to `schema_versions`, and the last one for ever. */
async function check(
  answers: Answer[],
  { waitMs = 0, rows = ROWS }: { waitMs?: number; rows?: unknown } = {},
) {
  const asked: string[] = [];
  const waited: string[] = [];
  const fake: typeof fetch = (input) => {
    const name = new URL(input instanceof Request ? input.url : input).pathname.split('/').at(-1)!;
    asked.push(name);
    const isVersions = name === 'schema_versions';
    const {
      status,
      body,
      cause: why = 'connect ECONNREFUSED 10.0.0.1:443',
    }: Answer = isVersions
      ? answers.length > 1
        ? answers.shift()!
        : answers[0]!
      : { status: 200, body: rows };
    if (status === 0) {
      const cause = Object.assign(new Error(why), { code: 'ECONNREFUSED' });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    }
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status }));
  };
  const client = newClient('https://x.supabase.co', 'sb_secret_x', withHonestAnswers(fake));
  const onWaiting = (sentence: string) => waited.push(sentence);
  const failure = await checkSupabaseProject(client, SHIPPED, { waitMs, onWaiting }).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  return { failure, asked, waited };
}

const page = '<!DOCTYPE html><html><body>Hello</body></html>';
const pgrst = (code: string, message = 'said') => ({ code, message, details: null, hint: null });

describe('a Supabase project', () => {
  it('is taken with the migrations of this version, and others of somebody else', async () => {
    const body = [...VERSIONS, ['20990101000000', 'products'], ['20990101000001', null]];

    expect(await check([{ status: 200, body }])).toMatchObject({
      failure: undefined,
      asked: ['schema_versions', 'count_rows'],
    });
  });

  it.each<[string, Answer, RegExp]>([
    [
      'no migration',
      { status: 200, body: [] },
      /lacks 2 of the migrations.*20250101000000_auzap_baseline.*`supabase db push`/,
    ],
    ['an older schema', { status: 200, body: [VERSIONS[0]] }, /lacks 1 .*\(20250201000000_auzap_more\)/],
    [
      'a newer schema',
      { status: 200, body: [...VERSIONS, ['20990101000000', 'auzap_next']] },
      /does not know \(20990101000000\)/,
    ],
    [
      'no schema',
      { status: 404, body: pgrst('PGRST202') },
      /does not have the schema.*`supabase db push`.*Where release 0\.1 was, .*DATABASE_URL/,
    ],
    [
      'a wrong key',
      { status: 401, body: { message: 'Invalid API key', hint: 'x' } },
      /refuses SUPABASE_SERVICE_ROLE_KEY \(HTTP 401 Invalid API key\).*sb_secret_/,
    ],
    [
      'legacy keys',
      { status: 401, body: { message: 'Legacy API keys are disabled' } },
      /legacy keys any more.*sb_secret_/,
    ],
    [
      'a token of another project',
      { status: 401, body: pgrst('PGRST301', 'No suitable key') },
      /refuses SUPABASE_SERVICE_ROLE_KEY/,
    ],
    [
      'a key of a browser',
      { status: 401, body: pgrst('42501', 'permission denied for function schema_versions') },
      /no rights.*not the publishable or anon key/,
    ],
    ['a key of a user', { status: 403, body: pgrst('42501') }, /no rights/],
    ['a quota', { status: 402, body: { message: 'exceed_egress_quota' } }, /paused or restricted/],
    ['a pause', { status: 540, body: { message: 'Project paused' } }, /paused or restricted.*dashboard/],
    ['a page', { status: 200, body: page }, /^SUPABASE_URL is not the address.*web page/],
    ['a page that is missing', { status: 404, body: page }, /^SUPABASE_URL is not the address/],
    [
      'an address without a project',
      { status: 404, body: { error: 'requested path is invalid' } },
      /^SUPABASE_URL is not the address/,
    ],
    ['an empty 404', { status: 404 }, /^SUPABASE_URL is not the address/],
    ['a redirection', { status: 308 }, /^SUPABASE_URL is not the address/],
    [
      'a firewall',
      { status: 403, body: page },
      /a firewall that blocks this machine, or SUPABASE_URL is not/,
    ],
    ['another schema', { status: 406, body: pgrst('PGRST106') }, /does not expose the schema `public`/],
    [
      'something odd',
      { status: 418, body: pgrst('PGRST999', 'teapot') },
      /not answer as expected: HTTP 418 PGRST999 teapot/,
    ],
  ])('with %s is refused at once', async (_name, answer, sentence) => {
    const { failure, asked, waited } = await check([answer], { waitMs: 60_000 });

    expect(failure?.message).toMatch(sentence);
    expect(failure?.message).not.toContain('\n');
    expect([asked.length, waited]).toEqual([1, []]);
  });

  it.each<[string, Answer, RegExp]>([
    ['no answer', { status: 0 }, /can't be reached \(connect ECONNREFUSED 10.0.0.1:443\)/],
    [
      'no TLS',
      {
        status: 0,
        cause: '40A35:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:x.c:78:',
      },
      /can't be reached \(no TLS there: wrong version number\)/,
    ],
    [
      'no connection to its database',
      { status: 503, body: pgrst('PGRST001') },
      /in trouble \(HTTP 503 PGRST001 said\)/,
    ],
    ['no schema cache', { status: 503, body: pgrst('PGRST002') }, /in trouble/],
    ['a page of an error', { status: 522, body: page }, /in trouble \(HTTP 522 a web page\)/],
    ['too many requests', { status: 429, body: { message: 'rate limit' } }, /in trouble/],
    ['a statement that took too long', { status: 500, body: pgrst('57014') }, /in trouble/],
    ['a clock that is ahead', { status: 401, body: pgrst('PGRST303', 'JWT issued at future') }, /clocks/],
    ['an empty 401', { status: 401 }, /without a word/],
    ['an empty answer', { status: 200 }, /an answer that is none/],
    ['null', { status: 200, body: null }, /an answer that is none/],
    ['something else', { status: 200, body: { hello: 'world' } }, /an answer that is none/],
  ])('with %s is waited for', async (_name, answer, sentence) => {
    const good = { status: 200, body: VERSIONS };
    const waiting = await check([answer, good], { waitMs: 10_000 });
    expect(waiting.failure).toBeUndefined();
    expect(waiting.waited).toEqual([expect.stringMatching(sentence)]);

    const { failure } = await check([answer]);
    expect(failure?.message).toMatch(sentence);
  });

  it('is refused where it cuts lists', async () => {
    const { failure } = await check([{ status: 200, body: VERSIONS }], { rows: ROWS.slice(0, 500) });

    expect(failure?.message).toMatch(/cuts lists at 500 rows.*Max rows/);
  });
});
