import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, createSecureContext } from 'node:tls';
import { messageOf } from '../common/error-message.js';
import { LOOPBACK } from '../config/loopback.js';
import { ConnectionFaultError } from './connection-faults.js';

/** A connection string without anything about TLS, and what it said about it as node-postgres takes it. */
export interface PgLink {
  connectionString: string;
  ssl: false | ConnectionOptions;
  sslnegotiation: 'postgres' | 'direct';
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

const PARAMETERS = [
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslnegotiation',
  'uselibpqcompat',
];
/** Of `sslrootcert`: the issuers that Node.js trusts. */
const SYSTEM = 'system';
const PROBE_TIMEOUT_MS = 5_000;

/**
 * Reads `sslmode` and its companions as libpq does, and more strictly where libpq lets an unchecked server pass: issuers
 * that are named without a mode are asked for, and `verify-ca` needs issuers of one's own.
 *
 * @throws ConnectionFaultError for settings that make no sense
 * @throws Error when the server, asked whether it offers TLS, does not answer
 */
export async function linkOf(text: string): Promise<PgLink> {
  const url = URL.parse(text);
  if (url === null) {
    return { connectionString: text, ssl: false, sslnegotiation: 'postgres' };
  }
  const given = Object.fromEntries(PARAMETERS.map((name) => [name, url.searchParams.get(name)]));
  PARAMETERS.forEach((name) => url.searchParams.delete(name));
  const host = hostOf(url);
  // As libpq: on a socket of this machine there is none, whatever is asked for.
  const mode = host.startsWith('/') ? 'disable' : modeOf(given, host);
  const isOptional = mode === 'prefer' || mode === 'allow';
  const isDirect = given['sslnegotiation'] === 'direct' && mode !== 'disable';
  if (isDirect && isOptional) {
    throw settings('sslnegotiation=direct needs sslmode=require, verify-ca or verify-full.');
  }
  const isOffered = isOptional
    ? await offersTls(host, Number(url.searchParams.get('port') || url.port || 5432))
    : true;
  return {
    connectionString: url.href,
    ssl: mode === 'disable' || !isOffered ? false : await optionsOf(mode, given, host),
    sslnegotiation: isDirect ? 'direct' : 'postgres',
  };
}

type Given = Record<string, string | null>;

function modeOf(given: Given, host: string): Mode {
  const { sslmode, ssl, sslrootcert } = given;
  const word = sslmode ?? ssl;
  switch (word) {
    case null:
    case undefined:
    case '':
      break;
    // Words of node-postgres.
    case 'true':
    case '1':
      return 'verify-full';
    case 'false':
    case '0':
      return 'disable';
    case 'no-verify':
      return 'require';
    default: {
      const mode = MODES.find((one) => one === word);
      if (mode === undefined) {
        throw settings(`DATABASE_URL has sslmode=${word}, which is none of ${MODES.join(', ')}.`);
      }
      return host.startsWith('/') ? 'disable' : mode;
    }
  }
  if (host.startsWith('/')) {
    return 'disable';
  }
  if (sslrootcert) {
    return 'verify-full';
  }
  // Nobody listens there, and encrypting costs.
  return LOOPBACK.test(host) ? 'disable' : 'prefer';
}

async function optionsOf(mode: Mode, given: Given, host: string): Promise<ConnectionOptions> {
  const { sslrootcert, sslcert, sslkey, sslpassword } = given;
  if (sslrootcert === SYSTEM && mode !== 'verify-full') {
    throw settings(`sslrootcert=system needs sslmode=verify-full, not ${mode}.`);
  }
  if (mode === 'verify-ca' && !sslrootcert) {
    throw settings(
      "sslmode=verify-ca needs sslrootcert, the file with the issuer's certificate: anybody may have one of a public issuer. Or use verify-full.",
    );
  }
  if (Boolean(sslcert) !== Boolean(sslkey)) {
    throw settings('sslcert and sslkey of DATABASE_URL belong together: name both files.');
  }
  // As libpq: issuers that are named for `require` are asked for.
  const isChecked = mode.startsWith('verify-') || (mode === 'require' && Boolean(sslrootcert));
  const options: ConnectionOptions = {
    rejectUnauthorized: isChecked,
    ...(sslrootcert && sslrootcert !== SYSTEM && { ca: await readIssuers(sslrootcert) }),
    ...(sslcert && { cert: await readGiven('sslcert', sslcert) }),
    ...(sslkey && { key: await readGiven('sslkey', sslkey) }),
    ...(sslpassword && { passphrase: sslpassword }),
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw settings(`sslcert and sslkey of DATABASE_URL can't be used: ${messageOf(cause)}.`, cause);
  }
  return options;
}

async function readIssuers(path: string): Promise<string> {
  const text = await readGiven('sslrootcert', path);
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    certificates.forEach((certificate) => new X509Certificate(certificate));
  } catch (cause) {
    throw settings(`sslrootcert of DATABASE_URL names ${path}, which has a damaged certificate.`, cause);
  }
  if (certificates.length === 0) {
    throw settings(`sslrootcert of DATABASE_URL names ${path}, which has no certificate in PEM.`);
  }
  return text;
}

async function readGiven(parameter: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw settings(
      `${parameter} of DATABASE_URL names a file that can't be read: ${messageOf(cause)}.`,
      cause,
    );
  }
}

/** A socket's folder, where there is one: it goes by `host=` or by the authority in percent codes. */
function hostOf(url: URL): string {
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  return host.replace(/^\[|\]$/g, '');
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Asks as libpq begins every connection; a server that offers TLS says `S`. */
async function offersTls(host: string, port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  socket.setTimeout(PROBE_TIMEOUT_MS, () => socket.destroy(timedOut(host, port)));
  socket.once('connect', () => socket.write(SSL_REQUEST));
  socket.once('data', (data: Buffer) => resolve(data.toString('latin1', 0, 1) === 'S'));
  socket.once('end', () => resolve(false));
  socket.once('error', reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

function timedOut(host: string, port: number): Error {
  return Object.assign(new Error(`connect ETIMEDOUT ${host}:${port}`), {
    code: 'ETIMEDOUT',
    syscall: 'connect',
  });
}

function settings(message: string, cause?: unknown): ConnectionFaultError {
  return new ConnectionFaultError('settings', message, cause === undefined ? undefined : { cause });
}
