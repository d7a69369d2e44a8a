import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasWorker } from './app-config.js';
import { ConfigError } from './config-error.js';
import { KEY_FILE } from './key-file.js';
import { loadConfig } from './load-config.js';

const redis = 'redis://127.0.0.1:6379';
const database = 'postgres://127.0.0.1/x';
const key = randomBytes(32).toString('base64');
const token = randomBytes(32).toString('hex');
const project = { SUPABASE_SERVICE_ROLE_KEY: randomBytes(32).toString('hex') };
const production = { NODE_ENV: 'production', SESSION_ENCRYPTION_KEY: key, ADMIN_API_KEY: token };

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'auzap-config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function load(variables: Record<string, string>) {
  return loadConfig({ DATA_DIR: dataDir, ...variables });
}

/** As a project's older keys are. */
function jwtOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJlLW9mLWEta2V5`;
}

function faultsOf(variables: Record<string, string>): readonly string[] {
  try {
    load(variables);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

const PROJECT = {
  SUPABASE_URL: 'https://abc.supabase.co',
  SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_of_a_project_that_nobody_has',
};

describe('loadConfig', () => {
  it('needs nothing in development and is then reachable from this machine only', () => {
    const config = load({});
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      authMode: 'open',
      queueDriver: 'embedded',
      bookingPolicy: 'one-open',
      hasFastReceive: true,
      corsOrigins: ['http://localhost:5173'],
    });
    expect(config.sessionEncryptionKeys[0]).toHaveLength(32);
  });

  it('keeps the development key, readable by its owner alone', () => {
    const first = load({}).sessionEncryptionKeys[0];
    expect(load({}).sessionEncryptionKeys[0]).toEqual(first);
    expect(statSync(join(dataDir, KEY_FILE)).mode & 0o077).toBe(0);
    expect(readFileSync(join(dataDir, KEY_FILE), 'utf8').trim()).toBe(first?.toString('base64'));
  });

  it('never replaces a damaged key, because every session would be lost', () => {
    writeFileSync(join(dataDir, KEY_FILE), 'damaged');
    expect(faultsOf({})).toEqual([expect.stringMatching(/restore it from a backup/)]);
    expect(readFileSync(join(dataDir, KEY_FILE), 'utf8')).toBe('damaged');
  });

  it('takes several encryption keys, the first of which seals', () => {
    const older = randomBytes(32);
    const keys = `${key}, ${older.toString('base64')}`;
    expect(load({ SESSION_ENCRYPTION_KEY: keys }).sessionEncryptionKeys).toEqual([
      Buffer.from(key, 'base64'),
      older,
    ]);
  });

  it('logs to a file, unless it is told none', () => {
    expect(load({}).logFile).toBe(resolve('logs/app.log'));
    expect(load({ LOG_FILE: '' }).logFile).toBe(resolve('logs/app.log'));
    expect(load({ LOG_FILE: './none' }).logFile).toBe(resolve('none'));
    expect(load({ LOG_FILE: 'none' }).logFile).toBeUndefined();
  });

  it('counts an empty variable as absent', () => {
    expect(load({ PORT: '', REDIS_URL: ' ' })).toMatchObject({ port: 3000, redisUrl: undefined });
  });

  it('disables the worker in production without Redis, unless the embedded one is chosen', () => {
    expect(load(production).queueDriver).toBe('none');
    expect(load({ ...production, QUEUE_DRIVER: 'embedded' }).queueDriver).toBe('embedded');
  });

  it('takes the queue of Redis where there is one, unless the embedded one is chosen', () => {
    expect(load({ REDIS_URL: redis }).queueDriver).toBe('bullmq');
    expect(load({ ...production, REDIS_URL: redis }).queueDriver).toBe('bullmq');
    expect(load({ REDIS_URL: redis, QUEUE_DRIVER: 'embedded' }).queueDriver).toBe('embedded');
  });

  it.each<[string, Record<string, string>, boolean]>([
    ['in development', { REDIS_URL: redis }, true],
    ['in production', { ...production, REDIS_URL: redis, DATABASE_URL: database }, false],
    [
      'in production, by choice',
      { ...production, REDIS_URL: redis, DATABASE_URL: database, RUN_WORKER: 'true' },
      true,
    ],
    ['in production over a database of its own', { ...production, REDIS_URL: redis }, true],
    ['where other processes do it', { REDIS_URL: redis, DATABASE_URL: database, RUN_WORKER: 'false' }, false],
    ['with the embedded driver', { ...production, QUEUE_DRIVER: 'embedded' }, true],
    ['where nothing is configured in production', production, false],
  ])('runs a worker in the process: %s', (_name, variables, expected) => {
    expect(hasWorker(load(variables))).toBe(expected);
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['nowhere', {}, undefined],
    [
      'at the Supabase project',
      { SUPABASE_URL: 'https://x.supabase.co/', SUPABASE_SERVICE_ROLE_KEY: 'x'.repeat(20) },
      'https://x.supabase.co/auth/v1/.well-known/jwks.json',
    ],
    ['elsewhere', { SUPABASE_JWKS_URL: 'https://id.example/keys' }, 'https://id.example/keys'],
  ])('finds the keys of tokens %s', (_name, variables, expected) => {
    expect(load(variables).supabaseJwksUrl).toBe(expected);
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ ...project, SUPABASE_URL: 'https://x.supabase.co/' }, ['https://x.supabase.co/auth/v1']],
    [{ SUPABASE_JWT_ISSUER: 'https://a.example/auth/v1' }, ['https://a.example/auth/v1']],
    [
      {
        ...project,
        SUPABASE_URL: 'http://kong:8000',
        SUPABASE_JWT_ISSUER: 'https://a.example, https://b.example/x',
      },
      ['https://a.example', 'https://b.example/x'],
    ],
  ])('takes tokens of the issuers of %j', (variables, expected) => {
    expect(load(variables).supabaseJwtIssuers).toEqual(expected);
  });

  it('takes address and key of a project with white space around them', () => {
    const config = load({
      SUPABASE_URL: ' https://x.supabase.co/ ',
      SUPABASE_SECRET_KEY: ' sb_secret_0123456789 \n',
    });

    expect(config).toMatchObject({
      supabaseUrl: 'https://x.supabase.co',
      supabaseServiceRoleKey: 'sb_secret_0123456789',
      supabaseJwtIssuers: ['https://x.supabase.co/auth/v1'],
      supabaseJwksUrl: 'https://x.supabase.co/auth/v1/.well-known/jwks.json',
    });
  });

  it('takes a project below a path, as a proxy may have it', () => {
    const SUPABASE_URL = 'https://a.example/supabase';
    expect(load({ ...project, SUPABASE_URL }).supabaseUrl).toBe(SUPABASE_URL);
  });

  it('takes the key of a project by either of its names', () => {
    const SUPABASE_URL = 'https://x.supabase.co';
    const key = 'sb_secret_0123456789abcdefghij';
    expect(load({ SUPABASE_URL, SUPABASE_SECRET_KEY: key }).supabaseServiceRoleKey).toBe(key);
    expect(
      load({ SUPABASE_URL, SUPABASE_SECRET_KEY: key, SUPABASE_SERVICE_ROLE_KEY: key }).supabaseServiceRoleKey,
    ).toBe(key);
    expect(
      load({ SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY: jwtOf({ role: 'service_role' }) })
        .supabaseServiceRoleKey,
    ).toBe(jwtOf({ role: 'service_role' }));
  });

  it.each([
    [{}, 60_000],
    [{ START_WAIT_SECONDS: '0' }, 0],
  ])('waits for the database as %j says', (variables, expected) => {
    expect(load(variables).startWaitMs).toBe(expected);
  });

  it.each([
    [undefined, undefined],
    ['1', 1],
    ['10.0.0.0/8, 127.0.0.1', ['10.0.0.0/8', '127.0.0.1']],
    ['loopback,uniquelocal', ['loopback', 'uniquelocal']],
  ])('reads TRUST_PROXY=%s', (text, expected) => {
    expect(load(text === undefined ? {} : { TRUST_PROXY: text }).trustProxy).toEqual(expected);
  });

  describe('of files', () => {
    const s3 = { MEDIA_S3_BUCKET: 'media', MEDIA_S3_ACCESS_KEY_ID: 'id', MEDIA_S3_SECRET_ACCESS_KEY: 'key' };
    const bucket = { bucket: 'media', accessKeyId: 'id', secretAccessKey: 'key' };

    it.each([
      [{}, { store: 'local', s3: undefined }],
      [
        { ...s3, MEDIA_STORE: 's3' },
        {
          store: 's3',
          s3: { ...bucket, endpoint: undefined, region: 'us-east-1', isPathStyle: false },
        },
      ],
      [
        { ...s3, MEDIA_S3_ENDPOINT: 'http://minio:9000/', MEDIA_S3_REGION: 'home' },
        {
          store: 'local',
          s3: { ...bucket, endpoint: 'http://minio:9000', region: 'home', isPathStyle: true },
        },
      ],
      [
        { ...s3, MEDIA_S3_ENDPOINT: 'https://s3.example.com', MEDIA_S3_PATH_STYLE: 'false' },
        { s3: { isPathStyle: false } },
      ],
      [
        { ...project, SUPABASE_URL: 'https://x.supabase.co', MEDIA_STORE: 'supabase' },
        { store: 'supabase', supabase: { url: 'https://x.supabase.co', bucket: 'auzap-media' } },
      ],
    ])('reads %j', (variables, expected) => {
      expect(load(variables).media).toMatchObject(expected);
    });

    it.each([
      [{ MEDIA_STORE: 's3' }, 'MEDIA_S3_BUCKET'],
      [{ ...s3, MEDIA_S3_BUCKET: '' }, 'MEDIA_S3_BUCKET'],
      [{ MEDIA_S3_BUCKET: 'media', MEDIA_STORE: 's3' }, 'MEDIA_S3_ACCESS_KEY_ID'],
      [{ ...s3, MEDIA_S3_BUCKET: 'My Bucket' }, 'MEDIA_S3_BUCKET'],
      [{ ...s3, MEDIA_S3_ENDPOINT: 'minio:9000' }, 'MEDIA_S3_ENDPOINT'],
      [{ MEDIA_STORE: 'gcs' }, 'MEDIA_STORE'],
      [{ MEDIA_STORE: 'supabase' }, 'SUPABASE_URL'],
    ])('refuses %j', (variables, name) => {
      expect(() => load(variables)).toThrow(new RegExp(`- ${name} must be`));
    });
  });

  it('takes hosts, addresses and networks of the operator', () => {
    const list = 'n8n, n8n.internal, _srv.example.com, 10.1.2.3, 10.1.0.0/16, fd00::/8, ::1';

    expect(load({ OUTSIDE_URLS_ALLOW: list }).egressAllow).toEqual(list.split(', '));
  });

  it('limits by default, and not where it is told 0', () => {
    expect(load({}).rateLimits).toEqual({
      key: 3_000,
      organization: 6_000,
      address: 6_000,
      failedAuth: 2_000,
      signIn: 20,
    });
    expect(load({ RATE_LIMIT_ADDRESS: '0' }).rateLimits.address).toBe(0);
  });

  it.each([
    [{}, undefined],
    [{ ...PROJECT }, { url: 'https://abc.supabase.co/auth/v1', key: PROJECT.SUPABASE_SERVICE_ROLE_KEY }],
    [
      { ...PROJECT, SUPABASE_ANON_KEY: 'sb_publishable_for_everybody' },
      { url: 'https://abc.supabase.co/auth/v1', key: 'sb_publishable_for_everybody' },
    ],
    [{ SUPABASE_JWKS_URL: 'https://abc.supabase.co/auth/v1/.well-known/jwks.json' }, undefined],
    [
      {
        SUPABASE_JWKS_URL: 'https://abc.supabase.co/auth/v1/.well-known/jwks.json',
        SUPABASE_ANON_KEY: 'sb_publishable_for_everybody',
      },
      { url: 'https://abc.supabase.co/auth/v1', key: 'sb_publishable_for_everybody' },
    ],
    [
      {
        SUPABASE_JWKS_URL: 'https://login.example.com/keys',
        SUPABASE_ANON_KEY: 'sb_publishable_for_everybody',
      },
      undefined,
    ],
  ])('with %j signs users in at %j', (variables, place) => {
    expect(load(variables as Record<string, string>).supabaseAuth).toEqual(place);
  });

  it('listens everywhere once callers are authenticated', () => {
    expect(load(production)).toMatchObject({ host: '0.0.0.0', authMode: 'required' });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a port that is no number', { PORT: 'abc' }, /^PORT must be/],
    [
      'a wait too long',
      { DATA_DIR_WAIT_SECONDS: '601' },
      /^DATA_DIR_WAIT_SECONDS must be a whole number from 0 to 600/,
    ],
    ['a lease too short', { LEASE_SECONDS: '4' }, /^LEASE_SECONDS must be a whole number from 5 to 300/],
    ['a port out of range', { PORT: '70000' }, /^PORT must be a whole number from 0 to 65535/],
    ['an unknown NODE_ENV', { NODE_ENV: 'staging' }, /^NODE_ENV must be one of/],
    [
      'a database URL of another kind',
      { DATABASE_URL: 'mysql://127.0.0.1/x' },
      /^DATABASE_URL must be a URL that begins with postgres/,
    ],
    ...['#', '/', '?', '%'].map((sign): [string, Record<string, string>, RegExp] => [
      `a password with ${sign} as it is`,
      { DATABASE_URL: `postgres://app:se${sign}cret@127.0.0.1/x` },
      /^DATABASE_URL must be a URL that begins with .*, with # \/ \? @ : % of a password written as %23 %2F %3F %40 %3A %25$/,
    ]),
    ['a % in the name of a database', { DATABASE_URL: 'postgres://db/5%' }, /^DATABASE_URL must be a URL/],
    ['a database without a host', { DATABASE_URL: 'postgres://app@/x' }, /^DATABASE_URL .* names a host/],
    [
      'a WhatsApp URL of another kind',
      { WHATSAPP_WS_URL: 'http://127.0.0.1' },
      /^WHATSAPP_WS_URL must be a URL/,
    ],
    [
      'a short encryption key',
      { SESSION_ENCRYPTION_KEY: 'c2hvcnQ=' },
      /^SESSION_ENCRYPTION_KEY must be 32 bytes/,
    ],
    [
      'Supabase without its key',
      { SUPABASE_URL: 'https://x.supabase.co' },
      /^SUPABASE_SERVICE_ROLE_KEY must be set/,
    ],
    [
      'a key of a browser',
      { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'sb_publishable_0123456789abcdef' },
      /^SUPABASE_SERVICE_ROLE_KEY is a publishable key.*sb_secret_/,
    ],
    [
      'an older key of a browser',
      { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: jwtOf({ role: 'anon' }) },
      /^SUPABASE_SECRET_KEY is a key of another role \(anon\)/,
    ],
    [
      'a token without role',
      { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SERVICE_ROLE_KEY: jwtOf({ sub: 'x' }) },
      /^SUPABASE_SERVICE_ROLE_KEY is a key of another role \(none\)/,
    ],
    [
      'two keys of a project',
      {
        SUPABASE_URL: 'https://x.supabase.co',
        SUPABASE_SECRET_KEY: 'sb_secret_0123456789abcdefghij',
        SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_9876543210abcdefghij',
      },
      /^SUPABASE_SERVICE_ROLE_KEY and SUPABASE_SECRET_KEY are two names of one key/,
    ],
    [
      'a key that was shown shortened',
      { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_0123456789…fghij' },
      /^SUPABASE_SECRET_KEY has characters that are in no key \(.*\): copy it again/,
    ],
    ...[
      '"sb_secret_0123456789abcdefghij"',
      'sb_secret_012345\n6789abcdefghij',
      'Bearer sb_secret_01234567',
    ].map((key): [string, Record<string, string>, RegExp] => [
      `a key written as ${JSON.stringify(key)}`,
      { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SERVICE_ROLE_KEY: key },
      /^SUPABASE_SERVICE_ROLE_KEY has characters that are in no key/,
    ]),
    ...[
      'https://x.supabase.co/rest/v1',
      'https://x.supabase.co/rest/v1/',
      'https://x.supabase.co/auth/v1',
      'https://x.supabase.co/?apikey=x',
      'https://x.supabase.co/#x',
      'https://me:secret@x.supabase.co',
      'https://supabase.com/dashboard/project/abcdefghijklmnopqrst',
      'https://db.abcdefghijklmnopqrst.supabase.co',
    ].map((url): [string, Record<string, string>, RegExp] => [
      `${url} for a project`,
      { ...project, SUPABASE_URL: url },
      /^SUPABASE_URL must be the address of the project's API alone, https:\/\/<project ref>\.supabase\.co/,
    ]),
    [
      'an issuer that is no URL',
      { SUPABASE_JWT_ISSUER: 'supabase' },
      /^SUPABASE_JWT_ISSUER must be issuers of tokens/,
    ],
    [
      'sockets for administrators alone',
      { SOCKETS_PER_PROCESS: '50', SOCKETS_RESERVED: '50' },
      /^SOCKETS_RESERVED must be less than SOCKETS_PER_PROCESS/,
    ],
    ['a Redis queue without Redis', { QUEUE_DRIVER: 'bullmq' }, /^REDIS_URL must be set/],
    ['an embedded queue without worker', { RUN_WORKER: 'false' }, /^RUN_WORKER=false needs.*REDIS_URL/],
    [
      'an embedded database without worker',
      { RUN_WORKER: 'false', REDIS_URL: redis },
      /^RUN_WORKER=false needs.*DATABASE_URL/,
    ],
    ['a fast lane of another kind', { FAST_RECEIVE: 'yes' }, /^FAST_RECEIVE must be one of/],
    ['an unknown booking policy', { BOOKING_POLICY: 'always' }, /^BOOKING_POLICY must be one of/],
    ['a proxy that is no address', { TRUST_PROXY: 'nginx' }, /^TRUST_PROXY must be a number of proxies/],
    ['trust in everybody', { TRUST_PROXY: 'true' }, /^TRUST_PROXY must be a number/],
    ['no proxy that is one', { TRUST_PROXY: '0' }, /^TRUST_PROXY must be a number of proxies from 1 to 10/],
    ['a URL for a host', { OUTSIDE_URLS_ALLOW: 'http://n8n' }, /^OUTSIDE_URLS_ALLOW must be host names/],
    ['a host with port', { OUTSIDE_URLS_ALLOW: 'n8n:5678' }, /^OUTSIDE_URLS_ALLOW must be/],
    ['a mistyped address', { OUTSIDE_URLS_ALLOW: '10.0.0.300' }, /^OUTSIDE_URLS_ALLOW must be/],
    ['a mistyped network', { OUTSIDE_URLS_ALLOW: '10.0.0.0/33' }, /^OUTSIDE_URLS_ALLOW must be/],
    ['a negative limit', { RATE_LIMIT_KEY: '-1' }, /^RATE_LIMIT_KEY must be a whole number from 0/],
    ['a pattern of origins', { CORS_ORIGINS: 'https://*.a.example' }, /^CORS_ORIGINS must be origins/],
    ['an origin with a path', { CORS_ORIGINS: 'https://a.example/x' }, /^CORS_ORIGINS must be origins/],
    ['an open service that others could reach', { HOST: '0.0.0.0' }, /^HOST must be a loopback address/],
    ['a short secret of tokens', { SUPABASE_JWT_SECRET: 'short' }, /^SUPABASE_JWT_SECRET must be/],
  ])('refuses %s', (_name, variables, fault) => {
    expect(faultsOf(variables)).toEqual([expect.stringMatching(fault)]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no encryption key', { SESSION_ENCRYPTION_KEY: '' }, /^SESSION_ENCRYPTION_KEY must be set/],
    [
      'an encryption key of one byte',
      { SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') },
      /^SESSION_ENCRYPTION_KEY is no random key/,
    ],
    [
      'a weak key in a list',
      { SESSION_ENCRYPTION_KEY: `${key},${Buffer.alloc(32).toString('base64')}` },
      /^SESSION_ENCRYPTION_KEY is no random key/,
    ],
    ['a short token', { ADMIN_API_KEY: 'k3J9x' }, /^ADMIN_API_KEY must be longer/],
    ['a token that repeats itself', { ADMIN_API_KEY: 'k'.repeat(32) }, /^ADMIN_API_KEY repeats itself/],
    ['a placeholder', { ADMIN_API_KEY: 'change-me-please-to-a-real-one' }, /^ADMIN_API_KEY can be guessed/],
    [
      'one secret for two purposes',
      { ADMIN_API_KEY: key },
      /^SESSION_ENCRYPTION_KEY and ADMIN_API_KEY are the same/,
    ],
    [
      'a token that is also a password',
      { DATABASE_URL: `postgres://auzap:${token}@postgres/auzap` },
      /^ADMIN_API_KEY and the password in DATABASE_URL are the same/,
    ],
    [
      "Supabase's published secret of tokens",
      { SUPABASE_JWT_SECRET: 'super-secret-jwt-token-with-at-least-32-characters-long' },
      /^SUPABASE_JWT_SECRET can be guessed/,
    ],
    [
      'a secret of tokens that repeats itself',
      { SUPABASE_JWT_SECRET: 'k'.repeat(32) },
      /^SUPABASE_JWT_SECRET repeats itself/,
    ],
    [
      'a token that signs others',
      { SUPABASE_JWT_SECRET: token },
      /^ADMIN_API_KEY and SUPABASE_JWT_SECRET are the same/,
    ],
    [
      'a password of the database with % as it is',
      { DATABASE_URL: 'postgres://app:se%cret@127.0.0.1/x' },
      /^DATABASE_URL must be a URL/,
    ],
    [
      'a password of Redis with % as it is',
      { REDIS_URL: 'redis://:p%w@redis:6379' },
      /^REDIS_URL must be a URL/,
    ],
    ['open mode', { AUTH_MODE: 'open' }, /^AUTH_MODE must not be open in production/],
    ['any origin', { CORS_ORIGINS: '*' }, /^CORS_ORIGINS must name/],
    ['the simulator', { WHATSAPP_SIMULATOR: 'true' }, /^WHATSAPP_SIMULATOR/],
    ['another root', { WHATSAPP_ROOT_KEY: 'ab'.repeat(32) }, /^WHATSAPP_ROOT_KEY must not be set/],
  ])('refuses in production: %s', (_name, variables, fault) => {
    expect(faultsOf({ ...production, ...variables })).toEqual([expect.stringMatching(fault)]);
  });

  describe('with secrets in files', () => {
    const { NODE_ENV } = production;
    let files: { SESSION_ENCRYPTION_KEY_FILE: string; ADMIN_API_KEY_FILE: string };
    beforeEach(() => {
      files = {
        SESSION_ENCRYPTION_KEY_FILE: join(dataDir, 'key'),
        ADMIN_API_KEY_FILE: join(dataDir, 'token'),
      };
      writeFileSync(files.SESSION_ENCRYPTION_KEY_FILE, `${key}\n`, { mode: 0o600 });
      writeFileSync(files.ADMIN_API_KEY_FILE, `${token}\n`, { mode: 0o400 });
    });

    it('takes them from there', () => {
      const config = load({ NODE_ENV, ...files });
      expect(config.sessionEncryptionKeys).toEqual([Buffer.from(key, 'base64')]);
      expect(config.adminApiKey).toBe(token);
      expect(config.warnings).toEqual([]);
    });

    it.each([0o604, 0o640, 0o622])('refuses in production that others may use them (%o)', (mode) => {
      chmodSync(files.SESSION_ENCRYPTION_KEY_FILE, mode);
      const sentence = `${files.SESSION_ENCRYPTION_KEY_FILE} can be read or changed by other users of this machine: chmod 600 ${files.SESSION_ENCRYPTION_KEY_FILE}`;
      expect(faultsOf({ NODE_ENV, ...files })).toEqual([sentence]);
      expect(load(files).warnings).toEqual([sentence]);
    });

    it.each<[string, Record<string, string>, RegExp]>([
      [
        'a file that is missing',
        { ADMIN_API_KEY_FILE: '/nowhere/token' },
        /^ADMIN_API_KEY_FILE must name a file.*ENOENT/,
      ],
      [
        'an empty file',
        { ADMIN_API_KEY_FILE: '/dev/null' },
        /^ADMIN_API_KEY_FILE must name a file.*is empty/,
      ],
      ['a file and a variable', { ADMIN_API_KEY: token }, /^ADMIN_API_KEY_FILE and ADMIN_API_KEY exclude/],
    ])('refuses %s', (_name, variables, fault) => {
      expect(faultsOf({ ...files, ...variables })).toEqual([expect.stringMatching(fault)]);
    });
  });

  it('refuses in production that others may read the .env file', () => {
    const envFile = join(dataDir, '.env');
    writeFileSync(envFile, '', { mode: 0o644 });
    const variables = { DATA_DIR: dataDir, ...production };
    expect(() => loadConfig(variables, { path: envFile, doubts: [] })).toThrow(`chmod 600 ${envFile}`);
    expect(loadConfig({ DATA_DIR: dataDir }, { path: envFile, doubts: [] }).warnings).toEqual([
      expect.stringContaining(`chmod 600 ${envFile}`),
    ]);
    chmodSync(envFile, 0o600);
    expect(loadConfig(variables, { path: envFile, doubts: [] }).warnings).toEqual([]);
  });

  it.each<[string, Record<string, string>, RegExp[]]>([
    ['stores on this machine', { DATABASE_URL: database, REDIS_URL: redis }, []],
    ['a socket of this machine', { DATABASE_URL: 'postgres://u@%2Frun%2Fpostgresql/x' }, []],
    ['a socket that a parameter names', { DATABASE_URL: 'postgres://u@/x?host=/run/postgresql' }, []],
    [
      'a far database that a parameter names',
      { DATABASE_URL: 'postgres:///x?host=db.example.com&user=u&password=p' },
      [/^DATABASE_URL leaves this network without/],
    ],
    [
      'stores of a private network, with passwords',
      { DATABASE_URL: 'postgres://u:p@postgres/x', REDIS_URL: 'redis://:q@10.0.0.7:6379' },
      [],
    ],
    [
      'stores that anybody may use',
      { DATABASE_URL: 'postgres://u@postgres/x', REDIS_URL: 'redis://redis:6379' },
      [/^DATABASE_URL has no password/, /^REDIS_URL has no password/],
    ],
    [
      'far stores without encryption',
      {
        DATABASE_URL: 'postgres://u:p@db.example.com/x?sslmode=disable',
        REDIS_URL: 'redis://:q@203.0.113.9',
      },
      [/^DATABASE_URL leaves this network without/, /^REDIS_URL leaves this network without/],
    ],
    ...['', '?sslmode=prefer', '?sslmode=allow'].map((query): [string, Record<string, string>, RegExp[]] => [
      `a far database with encryption where it is offered: "${query}"`,
      { DATABASE_URL: `postgres://u:p@db.example.com/x${query}` },
      [/^DATABASE_URL leaves this network without/],
    ]),
    ...['?sslmode=require', '?sslmode=no-verify'].map((query): [string, Record<string, string>, RegExp[]] => [
      `a far database with encryption that nobody checks: "${query}"`,
      { DATABASE_URL: `postgres://u:p@db.example.com/x${query}` },
      [/^DATABASE_URL does not have the server checked/],
    ]),
    ...['?sslmode=require&sslrootcert=ca.pem', '?sslrootcert=ca.pem', '?ssl=true'].map(
      (query): [string, Record<string, string>, RegExp[]] => [
        `a far database that is checked: "${query}"`,
        { DATABASE_URL: `postgres://u:p@db.example.com/x${query}` },
        [],
      ],
    ),
    [
      'a far database that is checked by variables',
      { DATABASE_URL: 'postgres://u:p@db.example.com/x', PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'ca.pem' },
      [],
    ],
    [
      'far stores with encryption',
      {
        DATABASE_URL: 'postgres://u:p@db.example.com/x?sslmode=verify-full',
        REDIS_URL: 'rediss://:q@203.0.113.9',
      },
      [],
    ],
    [
      'keys of tokens, and a project, on this machine or in a private network',
      { ...project, SUPABASE_URL: 'http://kong:8000', SUPABASE_JWKS_URL: 'http://127.0.0.1:9999/jwks.json' },
      [],
    ],
    [
      'keys of tokens that anybody on the way could change',
      { SUPABASE_JWKS_URL: 'http://auth.example.com/jwks.json' },
      [/^SUPABASE_JWKS_URL leaves this network without/],
    ],
    [
      'a far project without encryption',
      { ...project, SUPABASE_URL: 'http://x.supabase.example' },
      [/^SUPABASE_URL leaves this network without/],
    ],
  ])('warns of links that are not safe, and starts: %s', (_name, variables, warnings) => {
    expect(load({ ...production, ...variables }).warnings).toEqual(
      warnings.map((warning) => expect.stringMatching(warning) as string),
    );
  });

  it('warns of a folder with an embedded database that others may read', () => {
    chmodSync(dataDir, 0o755);
    expect(load(production).warnings).toEqual([expect.stringContaining(`chmod 700 ${dataDir}`)]);
    expect(load({ ...production, DATABASE_URL: database }).warnings).toEqual([]);
  });

  it('lists every fault in one message', () => {
    const load = () =>
      loadConfig({ NODE_ENV: 'production', PORT: '-1', REDIS_URL: 'x', BOOKING_POLICY: 'y' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/PORT[^]*REDIS_URL[^]*BOOKING_POLICY[^]*SESSION_ENCRYPTION_KEY/);
  });

  it.each<[string, Record<string, string>, number]>([
    ['says', {}, 1],
    ['does not say', { ADMIN_API_KEY: token }, 0],
    ['does not say', { SUPABASE_JWT_SECRET: token }, 0],
    ['does not say', { SUPABASE_JWKS_URL: 'https://auth.example.com/jwks.json' }, 0],
  ])('%s among other faults that nobody could call the service: %j', (_says, variables, count) => {
    const faultsAs = (answersCalls: boolean) => {
      try {
        loadConfig({ NODE_ENV: 'production', ...variables }, undefined, answersCalls);
        return [];
      } catch (error) {
        return (error as ConfigError).faults.filter((fault) => fault.startsWith('ADMIN_API_KEY must be set'));
      }
    };
    expect(faultsAs(true)).toHaveLength(count);
    expect(faultsAs(false)).toEqual([]);
  });
});
