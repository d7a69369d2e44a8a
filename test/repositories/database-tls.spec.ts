import type { ChildProcess } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionFaultError } from '../../src/supabase/connection-faults.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import { PgExecutor } from '../../src/supabase/pg-executor.js';
import { type CertificateOptions, TestIssuer } from '../support/certificates.js';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { PostgresCluster } from '../support/postgres-cluster.js';

const issuer = new TestIssuer('our own issuer');
const stranger = new TestIssuer('another issuer');
const HERE = ['localhost', '127.0.0.1'];

let folder: string;
let cluster: PostgresCluster;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-tls-'));
  cluster = await PostgresCluster.create(folder);
  await put('issuer.pem', issuer.cert);
  await put('both.pem', `${stranger.cert}${issuer.cert}`);
  await put('stranger.pem', stranger.cert);
  await put('empty.pem', 'no certificate');
  await put('damaged.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  await put('open.conf', 'host all all 127.0.0.1/32 trust');
  await put('tls-only.conf', 'hostssl all all 127.0.0.1/32 trust');
  await put('certificates.conf', 'hostssl all all 127.0.0.1/32 cert');
  const client = issuer.issue({ name: 'postgres' });
  await put('client.pem', client.cert);
  await put('client.key', client.key);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pathOf = (name: string) => join(folder, name);

async function put(name: string, content: string): Promise<void> {
  await writeFile(pathOf(name), content, { mode: 0o600 });
  const { uid, gid } = cluster.user;
  if (uid !== undefined && gid !== undefined) {
    await chown(pathOf(name), uid, gid);
  }
}

/** Runs the server for the tests of a block. */
function withServer(options: CertificateOptions | undefined, access = 'open.conf'): void {
  let server: ChildProcess;
  beforeAll(async () => {
    port = await freePort();
    const settings = ['fsync=off', `hba_file=${pathOf(access)}`];
    if (options) {
      const { cert, key } = issuer.issue(options);
      await put('server.pem', cert);
      await put('server.key', key);
      const files = { ssl_cert_file: 'server.pem', ssl_key_file: 'server.key', ssl_ca_file: 'issuer.pem' };
      settings.push('ssl=on', ...Object.entries(files).map(([name, file]) => `${name}=${pathOf(file)}`));
    }
    server = await cluster.serve(port, settings);
  });
  afterAll(async () => {
    await endProcess(server, 'SIGINT');
  });
}

/** `encrypted` or `plain`, or the kind of fault. Files are named without their folder. */
async function outcomeOf(parameters: string, host = 'localhost'): Promise<string> {
  const query = parameters.replaceAll(/(ssl(?:rootcert|cert|key)=)([a-z-]+\.[a-z]+)/g, `$1${folder}/$2`);
  const executor = new PgExecutor({
    connectionString: `postgres://postgres@${host}:${port}/postgres?${query}`,
    poolSize: 1,
  });
  const asked = executor.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  try {
    return await asked.then(
      ({ rows }) => (rows[0]?.['ssl'] === true ? 'encrypted' : 'plain'),
      (error: unknown) => (error instanceof ConnectionFaultError ? kindOf(error) : String(error)),
    );
  } finally {
    await executor.close();
  }
}

/** One sentence or two, of bearable length. */
function kindOf({ kind, message }: ConnectionFaultError): string {
  return /^[A-Za-z].{20,200}\.$/.test(message) ? kind : `${kind}, said badly: ${message}`;
}

describe('a server whose certificate is good', () => {
  withServer({ name: 'server', hosts: HERE });

  it.each([
    ['', 'plain'],
    ['sslmode=disable', 'plain'],
    ['sslmode=allow', 'encrypted'],
    ['sslmode=prefer', 'encrypted'],
    ['sslmode=require', 'encrypted'],
    ['sslmode=no-verify', 'encrypted'],
    ['sslmode=require&sslnegotiation=direct', 'encrypted'],
    ['sslmode=prefer&sslnegotiation=direct', 'settings'],
    ['sslmode=verify-ca&sslrootcert=issuer.pem', 'encrypted'],
    ['sslmode=verify-full&sslrootcert=issuer.pem', 'encrypted'],
    ['sslmode=verify-full&sslrootcert=both.pem', 'encrypted'],
    ['sslrootcert=issuer.pem', 'encrypted'],
    ['sslrootcert=stranger.pem', 'certificate_of_unknown_issuer'],
    ['sslmode=prefer&sslrootcert=stranger.pem', 'encrypted'],
    ['sslmode=require&sslrootcert=stranger.pem', 'certificate_of_unknown_issuer'],
    ['sslmode=verify-ca&sslrootcert=stranger.pem', 'certificate_of_unknown_issuer'],
    ['sslmode=verify-full&sslrootcert=stranger.pem', 'certificate_of_unknown_issuer'],
    ['sslmode=verify-full', 'certificate_of_unknown_issuer'],
    ['sslmode=verify-full&sslrootcert=system', 'certificate_of_unknown_issuer'],
    ['sslmode=require&sslrootcert=system', 'settings'],
    ['ssl=true', 'certificate_of_unknown_issuer'],
    ['sslmode=verify-ca', 'settings'],
    ['sslmode=verify_full', 'settings'],
    ['sslmode=verify-full&sslrootcert=nowhere.pem', 'settings'],
    ['sslmode=verify-full&sslrootcert=empty.pem', 'settings'],
    ['sslmode=verify-full&sslrootcert=damaged.pem', 'settings'],
    ['sslmode=require&sslcert=client.pem', 'settings'],
    ['sslmode=require&sslcert=client.pem&sslkey=server.key', 'settings'],
  ])('with "%s": %s', async (parameters, outcome) => {
    expect(await outcomeOf(parameters)).toBe(outcome);
  });

  it('is known by its address, too', async () => {
    expect(await outcomeOf('sslmode=verify-full&sslrootcert=issuer.pem', '127.0.0.1')).toBe('encrypted');
  });

  it('keeps the service from starting with one sentence where it is not known', async () => {
    const connectionString = `postgres://postgres:secret-word@localhost:${port}/postgres?sslmode=verify-full`;

    await expect(openDatabase({ store: { kind: 'postgres', connectionString } })).rejects.toThrow(
      /^The certificate of DATABASE_URL's server was issued by nobody whom this machine knows: name .* as sslrootcert\.$/,
    );
  });
});

describe('a server whose certificate has expired', () => {
  withServer({ name: 'server', hosts: HERE, validFrom: -20, validTo: -1 });

  it.each([
    ['sslmode=require', 'encrypted'],
    ['sslmode=verify-ca&sslrootcert=issuer.pem', 'certificate_expired'],
    ['sslmode=verify-full&sslrootcert=issuer.pem', 'certificate_expired'],
  ])('with "%s": %s', async (parameters, outcome) => {
    expect(await outcomeOf(parameters)).toBe(outcome);
  });
});

describe('a server whose certificate is not valid yet', () => {
  withServer({ name: 'server', hosts: HERE, validFrom: 1 });

  it.each([
    ['sslmode=require', 'encrypted'],
    ['sslmode=verify-full&sslrootcert=issuer.pem', 'certificate_not_yet_valid'],
  ])('with "%s": %s', async (parameters, outcome) => {
    expect(await outcomeOf(parameters)).toBe(outcome);
  });
});

describe('a server whose certificate is for another host', () => {
  withServer({ name: 'server', hosts: ['db.example.com', '192.0.2.1'] });

  it.each([
    ['localhost', 'sslmode=require', 'encrypted'],
    ['localhost', 'sslmode=verify-ca&sslrootcert=issuer.pem', 'encrypted'],
    ['localhost', 'sslmode=require&sslrootcert=issuer.pem', 'encrypted'],
    ['localhost', 'sslmode=verify-full&sslrootcert=issuer.pem', 'certificate_of_another_host'],
    ['127.0.0.1', 'sslmode=verify-full&sslrootcert=issuer.pem', 'certificate_of_another_host'],
  ])('at %s with "%s": %s', async (host, parameters, outcome) => {
    expect(await outcomeOf(parameters, host)).toBe(outcome);
  });
});

describe('a server without TLS', () => {
  withServer(undefined);

  it.each([
    ['sslmode=disable', 'plain'],
    ['sslmode=allow', 'plain'],
    ['sslmode=prefer', 'plain'],
    ['sslmode=require', 'server_without_tls'],
    ['sslmode=verify-full&sslrootcert=issuer.pem', 'server_without_tls'],
  ])('with "%s": %s', async (parameters, outcome) => {
    expect(await outcomeOf(parameters)).toBe(outcome);
  });
});

describe('a server that takes encrypted connections alone', () => {
  withServer({ name: 'server', hosts: HERE }, 'tls-only.conf');

  it.each([
    ['sslmode=disable', 'server_demands_tls'],
    ['sslmode=prefer', 'encrypted'],
  ])('with "%s": %s', async (parameters, outcome) => {
    expect(await outcomeOf(parameters)).toBe(outcome);
  });
});

describe('a server that knows clients by their certificates', () => {
  withServer({ name: 'server', hosts: HERE }, 'certificates.conf');

  it.each([
    ['sslmode=require', 'server_demands_certificate'],
    ['sslmode=require&sslcert=client.pem&sslkey=client.key', 'encrypted'],
    ['sslmode=verify-full&sslrootcert=issuer.pem&sslcert=client.pem&sslkey=client.key', 'encrypted'],
  ])('with "%s": %s', async (parameters, outcome) => {
    expect(await outcomeOf(parameters)).toBe(outcome);
  });
});
