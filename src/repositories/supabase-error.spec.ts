import { describe, expect, it } from 'vitest';
import { AppError } from '../common/app-error.js';
import { newClient, withHonestAnswers } from '../supabase/project-client.js';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { DatabaseUnavailableError } from './database-unavailable-error.js';
import { rowOrNullOf, rowsOf, translateError } from './supabase-error.js';

describe('translateError', () => {
  it.each([
    ['23503', 'insert on table "messages" violates foreign key constraint "messages_contact_fkey"', true],
    ['42P01', 'relation "public.contacts" does not exist', true],
    ['AZ002', 'batch out of order', true],
    ['22P02', 'invalid input syntax for type bigint: "what somebody wrote"', false],
    ['P0001', 'refused: what somebody wrote', false],
    ['PGRST100', 'failed to parse filter (eq.what somebody wrote)', false],
  ])('of %s: %s keeps the words: %s', (code, message, isKept) => {
    const error = translateError({ code, message, details: message, hint: message }, 400);

    expect(error).toBeInstanceOf(DatabaseRejectedError);
    expect(error).toMatchObject({ sqlState: code, detail: isKept ? message : '' });
    expect(error.cause).toBeUndefined();
  });

  it.each([
    [{ message: 'too_many_members', details: null }, 'too_many_members', '1000 members'],
    [{ message: 'Said in full.', details: 'last_owner' }, 'last_owner', 'Said in full.'],
    [{ message: 'last_owner' }, 'last_owner', 'another member'],
  ])('finds the rule that was broken in %j', (answer, code, words) => {
    const error = translateError({ code: 'AZ410', ...answer }, 400);

    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it.each([
    ['AZ410', 409],
    ['AZ403', 403],
  ])('tells of a rule that only a newer database knows (%s) by its code, with %i', (code, status) => {
    const error = translateError({ code, message: 'too_many_of_tomorrow' }, 400);

    expect(error).toMatchObject({
      code: 'too_many_of_tomorrow',
      status,
      message: expect.stringMatching(/^This/),
    });
  });

  it('keeps no more than the beginning of a page that came in place of an answer', () => {
    const error = translateError({ message: '<html>'.repeat(10_000) }, 403);

    expect((error.cause as { message: string }).message.length).toBeLessThanOrEqual(300);
  });
});

const BLOCKED =
  '<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked';
const body = (code: string, message: string) => ({ code, message, details: null, hint: null });
const pg = (code: string) => body(code, 'said by Postgres');
const AWAY = 'database_unavailable';
const REFUSED = 'database_unavailable, refuses us';

/** Status, body (objects as JSON) or how the connection fails, and what it must be taken for. */
const ANSWERS: [what: string, status: number, body: unknown, expected: string][] = [
  // The gateway of a hosted project, and what stands before it.
  [
    'a key that the gateway does not know',
    401,
    { message: 'Invalid API key', hint: 'Double check' },
    REFUSED,
  ],
  ['no key', 401, { message: 'No API key found in request', hint: 'No `apikey`' }, REFUSED],
  ['legacy keys that were switched off', 401, { message: 'Legacy API keys are disabled' }, REFUSED],
  ['an empty 401', 401, '', REFUSED],
  ['a numeric code', 401, { code: 401, message: 'Unauthorized' }, REFUSED],
  ['a numeric code with the digits of a class', 403, { code: 23505, message: 'Forbidden' }, REFUSED],
  ['five letters that are no SQLSTATE', 403, { code: 'WRONG', message: 'Forbidden' }, REFUSED],
  ['a quota that is used up', 402, { message: 'Service restricted: exceed_egress_quota' }, REFUSED],
  ['an empty 402', 402, '', REFUSED],
  ['a firewall', 403, BLOCKED, REFUSED],
  ['an empty 403', 403, '', REFUSED],
  ['a page that is not there', 404, '<html>404 Not Found</html>', REFUSED],
  ['an empty 404', 404, '', REFUSED],
  ['a list with 404', 404, [], REFUSED],
  ['an address that is no project', 404, { error: 'requested path is invalid' }, REFUSED],
  ['a method that is not allowed', 405, '<html>405</html>', REFUSED],
  ['a body that is too large', 413, '<html>413 Request Entity Too Large</html>', REFUSED],
  ['a URL that is too long', 414, '<html>414</html>', REFUSED],
  ['headers that are too long', 431, '', REFUSED],
  ['a redirection', 301, '', REFUSED],
  ['a project that is paused', 540, { message: 'Project paused' }, REFUSED],
  ['too many requests', 429, { message: 'API rate limit exceeded' }, AWAY],
  ['a request that took too long', 408, '', AWAY],
  ['an empty 500', 500, '', AWAY],
  ['a bad gateway', 502, '<html>502 Bad Gateway</html>', AWAY],
  ['no upstream', 503, { message: 'name resolution failed' }, AWAY],
  ['a gateway that waited in vain', 504, { message: 'The upstream server is timing out' }, AWAY],
  ['an unknown error of Cloudflare', 520, 'error code: 520', AWAY],
  ['an origin that is down', 521, 'error code: 521', AWAY],
  ['an origin that is slow', 522, BLOCKED, AWAY],
  ['an origin that is not reachable', 523, 'error code: 523', AWAY],
  ['an answer that took too long', 524, 'error code: 524', AWAY],
  ['a certificate of the origin', 526, 'error code: 526', AWAY],
  ['an empty 200', 200, '', AWAY],
  ['no content', 204, null, AWAY],
  ['a page with 200', 200, '<html>Welcome</html>', AWAY],
  ['half an answer', 200, '{"result":"comm', AWAY],
  ['nothing but null', 200, 'null', AWAY],
  ['an error that is a text', 500, '"oops"', AWAY],
  ['an error that is null', 500, 'null', AWAY],
  ['an error that is a list', 500, [1], AWAY],
  ['an error that is a number', 403, '17', REFUSED],
  ['an error whose fields are objects', 403, { code: {}, message: [] }, REFUSED],
  ['a host that is not found', 0, 'ENOTFOUND', AWAY],
  ['a connection that was closed', 0, 'ECONNRESET', AWAY],
  ['a call that was given up', 0, 'AbortError', AWAY],
  // PostgREST.
  ['no connection to the database', 503, body('PGRST000', 'Could not connect'), AWAY],
  ['a connection that was lost', 503, body('PGRST001', 'Database client error'), AWAY],
  ['no schema cache', 503, body('PGRST002', 'Could not query the database'), AWAY],
  ['no free connection', 504, body('PGRST003', 'Timed out acquiring connection'), AWAY],
  ['a filter that makes no sense', 400, body('PGRST100', 'parse error'), 'PGRST100'],
  ['a body that makes no sense', 400, body('PGRST102', 'Empty or invalid json'), 'PGRST102'],
  ['a schema that is not exposed', 406, body('PGRST106', 'Invalid schema: public'), REFUSED],
  ['a path that makes no sense', 404, body('PGRST125', 'Invalid path'), 'PGRST125'],
  ['a function that is not cached', 404, body('PGRST202', 'Could not find the function'), REFUSED],
  ['functions that are ambiguous', 300, body('PGRST203', 'Could not choose'), REFUSED],
  ['a column that is not cached', 400, body('PGRST204', 'Could not find the column'), REFUSED],
  ['a table that is not cached', 404, body('PGRST205', 'Could not find the table'), REFUSED],
  ['no secret', 500, body('PGRST300', 'Server lacks JWT secret'), AWAY],
  ['a token that can not be read', 401, body('PGRST301', 'No suitable key'), REFUSED],
  ['no token', 401, body('PGRST302', 'Anonymous access is disabled'), REFUSED],
  ['a clock that is ahead', 401, body('PGRST303', 'JWT issued at future'), REFUSED],
  ['a fault of PostgREST', 500, body('PGRSTX00', 'Warp'), AWAY],
  ['an error of Postgres without its code', 500, { message: 'said by nobody' }, AWAY],
  // Postgres, by way of PostgREST.
  ['a connection exception', 503, pg('08006'), AWAY],
  ['a serialization failure', 500, pg('40001'), AWAY],
  ['a deadlock', 500, pg('40P01'), AWAY],
  ['a disk that is full', 503, pg('53100'), AWAY],
  ['too many connections', 503, pg('53300'), AWAY],
  ['a lock that was not to be had', 500, pg('55P03'), AWAY],
  ['a statement that took too long', 500, pg('57014'), AWAY],
  ['a server that shuts down', 503, pg('57P01'), AWAY],
  ['a database that only reads', 405, pg('25006'), AWAY],
  ['a foreign key', 409, pg('23503'), '23503'],
  ['a value that is no number', 400, pg('22P02'), '22P02'],
  ['a character that can not be stored', 400, pg('22P05'), '22P05'],
  ['a missing WHERE', 400, pg('21000'), '21000'],
  ['a row that is too large', 413, pg('54000'), '54000'],
  ['a right that is missing', 403, pg('42501'), '42501'],
  ['a right that is missing to nobody', 401, pg('42501'), '42501'],
  ['a function that is missing', 404, pg('42883'), '42883'],
  ['an internal error', 500, pg('XX000'), 'XX000'],
  ['a role that is missing', 401, pg('22023'), '22023'],
  ['an exception of a function', 400, pg('P0001'), 'P0001'],
  ['an epoch that is over', 400, { ...pg('AZ001'), details: '["i"]' }, 'fenced'],
  ['an epoch that is over, without whose', 400, pg('AZ001'), 'fenced'],
  ['a batch out of order', 400, pg('AZ002'), 'AZ002'],
  ['an object that is missing', 400, pg('AZ404'), 'not_found'],
  ['a closed organization', 400, pg('AZ409'), 'organization_closed'],
  ['a rule', 400, body('AZ410', 'too_many_members'), 'too_many_members'],
  ['a value', 200, { result: 'committed' }, 'a value'],
  ['false', 200, 'false', 'a value'],
  ['zero', 200, '0', 'a value'],
  ['an empty text', 200, '""', 'a value'],
  ['an empty list', 200, [], 'a value'],
];

describe('an answer to the real client', () => {
  it.each(ANSWERS)('%s (%i %j) is %s', async (_what, status, answer, expected) => {
    const client = newClient(
      'https://project.example',
      'sb_secret_x',
      withHonestAnswers(answering(status, answer)),
    );

    expect(await outcomeOf(rowsOf(client.rpc('event_heads', { p: {} })))).toBe(expected);
  });

  it.each(ANSWERS.filter(([, , , expected]) => expected !== 'a value'))(
    '%s (%i %j) is no list either',
    async (_what, status, answer, expected) => {
      const client = newClient('https://project.example', 'k', withHonestAnswers(answering(status, answer)));

      expect(await outcomeOf(rowsOf(client.from('notes').select('id').limit(1)))).toBe(expected);
    },
  );

  it.each<[number, unknown, unknown]>([
    [200, 'null', null],
    [200, { id: 1 }, { id: 1 }],
    [200, '', AWAY],
    [204, null, AWAY],
    [404, '', REFUSED],
    [401, 'null', REFUSED],
  ])('where null means something, %i %j is %j', async (status, answer, expected) => {
    const client = newClient('https://project.example', 'k', withHonestAnswers(answering(status, answer)));

    const row = rowOrNullOf(client.rpc('event_heads', { p: {} }));
    expect(typeof expected === 'string' ? await outcomeOf(row) : await row).toEqual(expected);
  });
});

function answering(status: number, answer: unknown): typeof fetch {
  return () => {
    if (status === 0) {
      const name = String(answer);
      const cause = Object.assign(new Error(name), { code: name });
      return Promise.reject(
        name === 'AbortError' ? new DOMException('aborted', name) : new TypeError('fetch failed', { cause }),
      );
    }
    const text = typeof answer === 'string' || answer === null ? answer : JSON.stringify(answer);
    return Promise.resolve(new Response(text, { status }));
  };
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'a value';
  } catch (error) {
    if (error instanceof DatabaseRejectedError) {
      return error.sqlState;
    }
    if (error instanceof DatabaseUnavailableError) {
      return error.refusesUs ? REFUSED : AWAY;
    }
    return error instanceof AppError ? error.code : String(error);
  }
}
