import { describe, expect, it } from 'vitest';
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
      'an unencrypted login',
      fault('28000', 'no pg_hba.conf entry for host "1.2.3.4", user "x", database "y", no encryption'),
      false,
      /sslmode=verify-full/,
    ],
    [
      'no such database',
      fault('3D000', 'database "x" does not exist'),
      false,
      /no such database.*Create an empty one/,
    ],
    ['no TLS', fault(undefined, 'The server does not support SSL connections'), false, /does not offer TLS/],
    [
      'an authority',
      fault('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
      false,
      /not trusted.*sslrootcert=/,
    ],
    [
      'another host',
      fault('ERR_TLS_CERT_ALTNAME_INVALID', "Host: db. is not in the cert's altnames"),
      false,
      /for another host/,
    ],
    ['an old certificate', fault('CERT_HAS_EXPIRED', 'certificate has expired'), false, /expired.*clock/],
    ['a clock', fault('CERT_NOT_YET_VALID', 'certificate is not yet valid'), false, /not valid yet.*clock/],
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
    [
      'half a schema',
      new Error('migration 1_x failed: relation "nodes" already exists', {
        cause: fault('42P07', 'relation "nodes" already exists'),
      }),
      false,
      /no record of them: migration 1_x failed: relation "nodes" already exists\. It is half migrated/,
    ],
  ])('%s', (_name, error, passes, sentence) => {
    const explained = explainPostgres(error);

    expect(explained).toMatchObject({ passes, sentence: expect.stringMatching(sentence) });
    expect(explained?.sentence).not.toMatch(/%|\n/);
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
  const good = {
    number: 170_010,
    version: '17.10',
    is_standby: false,
    is_read_only: false,
    may_create_schemas: true,
    may_create_tables: true,
    may_create_roles: true,
    roles: 0,
    is_migrated: false,
    user_name: 'app',
    database_name: 'auzap',
  };
  const check = (changes: object) =>
    checkServer({
      query: () => Promise.resolve({ fields: [], rows: [{ ...good, ...changes }], rowCount: 1 }),
    });

  it.each([
    [{ number: 140_012, version: '14.12' }, /is Postgres 14\.12, and the service needs 15/],
    [{ is_standby: true }, /is a standby/],
    [{ is_read_only: true }, /default_transaction_read_only/],
    [{ may_create_schemas: false }, /grant create on database "auzap" to "app"\.$/],
    [
      { may_create_tables: false, may_create_roles: false },
      /grant create on schema public to "app"; alter role "app" createrole/,
    ],
  ])('with %j can not be used', async (changes, sentence) => {
    await expect(check(changes)).rejects.toThrow(sentence);
  });

  it.each([{}, { may_create_roles: false, roles: 3 }, { is_migrated: true, may_create_roles: false }])(
    'with %j can be used',
    async (changes) => {
      await expect(check(changes)).resolves.toBeUndefined();
    },
  );
});
