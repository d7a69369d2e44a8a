import { databaseUrlOf } from './database-url.js';
import type { Environment } from './environment.js';
import { LOOPBACK } from './loopback.js';

/** A name without a dot is one of a private network, such as a container's. */
const PRIVATE =
  /^([^.:]+|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|\[?f[cd][0-9a-f]{2}:.*|.*\.(internal|local|svc))$/i;
/** The folder of a socket. */
const HERE = /^%2f/i;
const ENCRYPTED = new Set(['require', 'verify-ca', 'verify-full', 'no-verify', 'true', '1']);
const CHECKED = new Set(['verify-ca', 'verify-full', 'true', '1']);

/**
 * Links to the stores, and to the keys of users' tokens, that others could listen to, change or use. Whether they can depends on
 * a network that this process does not see, so nobody is kept from starting.
 *
 * @returns one sentence for each, beginning with the variable's name
 */
export function unsafeLinks(env: Environment): string[] {
  const database = urlOf(databaseUrlOf(env));
  const redis = urlOf(env.REDIS_URL);
  const supabase = urlOf(env.SUPABASE_URL);
  const signingKeys = urlOf(env.SUPABASE_JWKS_URL);
  const s3 = urlOf(env.MEDIA_S3_ENDPOINT);
  const rules: [boolean, string][] = [
    [
      isFar(database) && !database.password && !database.searchParams.has('password'),
      'DATABASE_URL has no password: whoever reaches that server may read and write everything',
    ],
    [
      isFar(database) && !PRIVATE.test(database.hostname) && !isEncrypted(database),
      'DATABASE_URL leaves this network without encryption: add sslmode=verify-full to it',
    ],
    [
      isFar(database) && !PRIVATE.test(database.hostname) && isEncrypted(database) && !isChecked(database),
      'DATABASE_URL does not have the server checked, so that others can answer in its place: add sslmode=verify-full to it, and sslrootcert where its issuer is not a public one',
    ],
    [
      isFar(redis) && !redis.password,
      'REDIS_URL has no password: whoever reaches that server may read messages, QR strings and pairing codes that pass through it',
    ],
    [
      isFar(redis) && !PRIVATE.test(redis.hostname) && redis.protocol !== 'rediss:',
      'REDIS_URL leaves this network without encryption: use rediss://',
    ],
    [
      isFar(supabase) && !PRIVATE.test(supabase.hostname) && supabase.protocol !== 'https:',
      'SUPABASE_URL leaves this network without encryption: use https://',
    ],
    [
      isFar(s3) && !PRIVATE.test(s3.hostname) && s3.protocol !== 'https:',
      'MEDIA_S3_ENDPOINT leaves this network without encryption: use https://',
    ],
    [
      isFar(signingKeys) && !PRIVATE.test(signingKeys.hostname) && signingKeys.protocol !== 'https:',
      'SUPABASE_JWKS_URL leaves this network without encryption, and whoever changes its answers can sign tokens of any user: use https://',
    ],
  ];
  return rules.filter(([isUnsafe]) => isUnsafe).map(([, sentence]) => sentence);
}

function urlOf(text: string | undefined): URL | null {
  return text === undefined ? null : URL.parse(text);
}

function isFar(url: URL | null): url is URL {
  return (
    url !== null &&
    url.hostname !== '' &&
    !HERE.test(url.hostname) &&
    !LOOPBACK.test(url.hostname.replace(/^\[|\]$/g, ''))
  );
}

/** Without a doubt: `prefer` and `allow` do without it where the other side says so, whoever that is. */
function isEncrypted(url: URL): boolean {
  return ENCRYPTED.has(tlsModeOf(url));
}

function isChecked(url: URL): boolean {
  return CHECKED.has(tlsModeOf(url)) || url.searchParams.has('sslrootcert');
}

function tlsModeOf({ searchParams }: URL): string {
  const named = searchParams.get('sslmode') ?? searchParams.get('ssl');
  return named ?? (searchParams.has('sslrootcert') ? 'verify-full' : 'prefer');
}
