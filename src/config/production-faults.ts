import { withHost } from './database-url.js';
import { type Environment, MIN_JWT_SECRET_LENGTH, MIN_TOKEN_LENGTH } from './environment.js';
import { isDecodable } from '../common/is-decodable.js';
import { decodeKey, splitList } from './environment-rules.js';
import { serviceKeyOf } from './supabase-keys.js';
import { sharedSecrets, weaknessOfKey, weaknessOfToken } from './weak-secrets.js';

/**
 * What must not be in production, whatever else holds.
 * @returns one sentence for each fault, beginning with the variable's name
 */
export function productionFaults(env: Environment): string[] {
  const rules: [boolean, string][] = [
    [env.WHATSAPP_SIMULATOR === 'true', 'WHATSAPP_SIMULATOR must not be on in production'],
    [env.WHATSAPP_ROOT_KEY !== undefined, 'WHATSAPP_ROOT_KEY must not be set in production'],
    [
      env.SESSION_ENCRYPTION_KEY === undefined,
      'SESSION_ENCRYPTION_KEY must be set in production (make one with: openssl rand -base64 32)',
    ],
    [
      env.AUTH_MODE === 'open',
      'AUTH_MODE must not be open in production: everybody who reaches this machine could read and write messages',
    ],
    [
      splitList(env.CORS_ORIGINS ?? '').includes('*'),
      'CORS_ORIGINS must name the origins in production, not *',
    ],
  ];
  return [...rules.filter(([isBroken]) => isBroken).map(([, fault]) => fault), ...secretFaults(env)];
}

function secretFaults(env: Environment): string[] {
  const keys = splitList(env.SESSION_ENCRYPTION_KEY ?? '');
  const keyWeakness = keys.map((key) => decodeKey(key)).map((key) => key && weaknessOfKey(key));
  const shared = sharedSecrets([
    ...keys.map((key) => ['SESSION_ENCRYPTION_KEY', key] as const),
    ['ADMIN_API_KEY', env.ADMIN_API_KEY],
    ['SUPABASE_JWT_SECRET', env.SUPABASE_JWT_SECRET],
    ['SUPABASE_SERVICE_ROLE_KEY', serviceKeyOf(env)],
    ['MEDIA_S3_SECRET_ACCESS_KEY', env.MEDIA_S3_SECRET_ACCESS_KEY],
    ['the password in DATABASE_URL', passwordOf(env.DATABASE_URL)],
    ['the password in REDIS_URL', passwordOf(env.REDIS_URL)],
  ]);
  const isWeak = keyWeakness.some((weakness) => weakness !== undefined);
  return [
    ...(isWeak ? ['SESSION_ENCRYPTION_KEY is no random key (make one with: openssl rand -base64 32)'] : []),
    ...tokenFaults('ADMIN_API_KEY', env.ADMIN_API_KEY, MIN_TOKEN_LENGTH),
    ...tokenFaults('SUPABASE_JWT_SECRET', env.SUPABASE_JWT_SECRET, MIN_JWT_SECRET_LENGTH),
    ...shared.map((names) => `${names} are the same: give each a secret of its own`),
  ];
}

/** What is shorter than `minLength` has its fault already. */
function tokenFaults(variable: string, token = '', minLength: number): string[] {
  const weakness = token.length < minLength ? undefined : weaknessOfToken(token);
  return weakness ? [`${variable} ${weakness} (make one with: openssl rand -hex 32)`] : [];
}

function passwordOf(url: string | undefined): string | undefined {
  const password = url === undefined ? undefined : URL.parse(withHost(url))?.password;
  // One that can't be read has its fault already.
  return password && isDecodable(password) ? decodeURIComponent(password) : undefined;
}
