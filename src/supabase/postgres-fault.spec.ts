import { describe, expect, it } from 'vitest';
import { connectionFaultOf } from './connection-faults.js';
import { checkServer } from './postgres-check.js';
import { explainPostgres } from './postgres-fault.js';

const fault = (code: string | undefined, message: string, more: object = {}) =>
  Object.assign(new Error(message), { ...(code !== undefined && { code }), ...more });
const ofNetwork = (code: string) => fault(code, `connect ${code} 10.0.0.1:5432`, { syscall: 'connect' });

describe('what opening a Postgres failed with', () => {
  it.each<[string, unknown, boolean, RegExp]>([
    ['nobody listens', ofNetwork('ECONNREFUSED'), true, /can't be reached: connect ECONNREFUSED/],
    ['no way there', ofNetwork('EHOSTUNREACH'), true, /can't be reached/],
    [
      'no answer',
      fault(undefined, 'Connection terminated due to connection timeout'),
      true,
      /can't be reached/,
    ],
    [
      'several addresses',
      new AggregateError([ofNetwork('ENETUNREACH'), ofNetwork('ECONNREFUSED')]),
      true,
      /ECONNREFUSED/,
    ],
    ['an end', fault(undefined, 'Connection terminated unexpectedly'), true, /can't be reached/],
    [
      'an unknown host',
      fault('ENOTFOUND', 'getaddrinfo ENOTFOUND db', { syscall: 'getaddrinfo' }),
      false,
      /host of DATABASE_URL is not known/,
    ],
    [
      'a resolver that is away',
      fault('EAI_AGAIN', 'getaddrinfo EAI_AGAIN db', { syscall: 'getaddrinfo' }),
      true,
      /can't be reached/,
    ],
    ['a start', fault('57P03', 'the database system is starting up'), true, /is starting or stopping/],
    [
      'too many connections',
      fault('53300', 'sorry, too many clients already'),
      true,
      /no connection left.*max_connections/,
    ],
    [
      'a password',
      fault('28P01', 'password authentication failed for user "x"'),
      false,
      /refuses the login: .*Check user and password/,
    ],
    ['a role', fault('28000', 'role "x" does not exist'), false, /refuses the login/],
    [
      'no such database',
      fault('3D000', 'database "x" does not exist'),
      false,
      /no such database.*Create an empty one/,
    ],
    ['a pooler', fault('08P01', 'no such user: auzap'), false, /no such user.*configuration of the pooler/],
    [
      'a standby',
      fault('25006', 'cannot execute CREATE SCHEMA in a read-only transaction'),
      false,
      /read-only.*primary/,
    ],
    ['a disk', fault('53100', 'could not extend file: No space left on device'), false, /out of disk space/],
    [
      'a right',
      new Error('migration 1_x failed: permission denied', {
        cause: fault('42501', 'permission denied to create role'),
      }),
      false,
      /may not do what the migrations.*permission denied to create role/,
    ],
  ])('%s', (_name, error, passes, sentence) => {
    const explained = explainPostgres(error);

    expect(explained).toMatchObject({ passes, sentence: expect.stringMatching(sentence) });
    expect(explained?.sentence).not.toMatch(/%|\n/);
  });

  it('says of TLS and poolers what the connection said', () => {
    const said = connectionFaultOf(fault('CERT_HAS_EXPIRED', 'certificate has expired'));

    expect(explainPostgres(said)).toEqual({ sentence: said?.message, passes: false });
    expect(said?.message).toMatch(/has expired.*clock/);
  });

  it.each([
    ['a defect', new Error('migration 1_x failed: syntax error', { cause: fault('42601', 'syntax error') })],
    ['a statement that took too long', fault('57014', 'canceling statement due to statement timeout')],
    ['no error', 'text'],
  ])('leaves %s as it is', (_name, error) => {
    expect(explainPostgres(error)).toBeUndefined();
  });
});

describe('a server', () => {
  const good = { number: 170_010, version: '17.10', is_standby: false, is_read_only: false };
  const check = (changes: object) =>
    checkServer({
      query: () => Promise.resolve({ fields: [], rows: [{ ...good, ...changes }], rowCount: 1 }),
    });

  it.each([
    [{ number: 140_012, version: '14.12' }, /is Postgres 14\.12, and the service needs 15/],
    [{ is_standby: true }, /is a standby/],
    [{ is_read_only: true }, /default_transaction_read_only/],
  ])('with %j can not be used', async (changes, sentence) => {
    await expect(check(changes)).rejects.toThrow(sentence);
  });

  it.each([{}, { number: 150_000, version: '15.0' }])('with %j can be used', async (changes) => {
    await expect(check(changes)).resolves.toBeUndefined();
  });
});
