import type { Environment } from './environment.js';

const NEEDED = 'it must be the secret key (sb_secret_…) or the service_role key of the project';

/** What no key has, and no header takes: it would come back in the words of an error. */
const FOREIGN = /[^\x21-\x7e]|["'`]/;

/** @returns the key of the project, by either of its names, without white space around it */
export function serviceKeyOf(env: Environment): string | undefined {
  return (env.SUPABASE_SERVICE_ROLE_KEY ?? env.SUPABASE_SECRET_KEY)?.trim();
}

/** @returns one sentence for each fault that can be seen in the key itself, beginning with the variable's name */
export function serviceKeyFaults(env: Environment): string[] {
  const { SUPABASE_SERVICE_ROLE_KEY: key, SUPABASE_SECRET_KEY: sameKey } = env;
  if (key !== undefined && sameKey !== undefined && key !== sameKey) {
    return [
      'SUPABASE_SERVICE_ROLE_KEY and SUPABASE_SECRET_KEY are two names of one key: set one of them, or both to the same',
    ];
  }
  const name = key === undefined ? 'SUPABASE_SECRET_KEY' : 'SUPABASE_SERVICE_ROLE_KEY';
  const weakness = weaknessOf(serviceKeyOf(env));
  return weakness === undefined ? [] : [`${name} ${weakness}: ${NEEDED}`];
}

function weaknessOf(key: string | undefined): string | undefined {
  if (key === undefined) {
    return undefined;
  }
  if (FOREIGN.test(key)) {
    return 'has characters that are in no key (quotes, spaces, line breaks, dots for what was hidden): copy it again';
  }
  if (key.startsWith('sb_publishable_')) {
    return 'is a publishable key, with which the service may do nothing';
  }
  const claims = claimsOf(key);
  if (claims === undefined || claims['role'] === 'service_role') {
    return undefined;
  }
  const role = typeof claims['role'] === 'string' ? claims['role'].slice(0, 40) : 'none';
  return `is a key of another role (${role})`;
}

/** @returns what a JWT says, undefined for what is none */
function claimsOf(key: string): Record<string, unknown> | undefined {
  const parts = key.split('.');
  if (parts.length !== 3) {
    return undefined;
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
