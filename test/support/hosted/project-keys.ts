import { createHmac, randomBytes } from 'node:crypto';

/** The keys of a project, and what its gateway and PostgREST make of the ones they are given. */
export interface ProjectKeys {
  /** `sb_secret_…`: service_role. */
  secret: string;
  /** `sb_publishable_…`: anon. */
  publishable: string;
  /** Legacy JWTs, signed with the project's secret. */
  legacyServiceRole: string;
  legacyAnon: string;
  jwtSecret: string;
}

/** @returns keys of a project of its own, or always the same ones for a seed */
export function makeProjectKeys(seed = randomBytes(16).toString('hex')): ProjectKeys {
  const derive = (name: string, length: number) =>
    createHmac('sha256', seed).update(name).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, length);
  const jwtSecret = derive('jwt', 40);
  const legacy = (role: string) => {
    const now = Math.floor(Date.now() / 1000);
    return signToken(
      { iss: 'supabase', ref: derive('ref', 20), role, iat: now - 3600, exp: now + 315_360_000 },
      jwtSecret,
    );
  };
  return {
    // https://supabase.com/docs/guides/api/api-keys: prefix, 22 characters, and a checksum of 8.
    secret: `sb_secret_${derive('secret', 22)}_${derive('sum', 8)}`,
    publishable: `sb_publishable_${derive('publishable', 22)}_${derive('sum', 8)}`,
    legacyServiceRole: legacy('service_role'),
    legacyAnon: legacy('anon'),
    jwtSecret,
  };
}

/** @returns a JWT, signed with HS256 */
export function signToken(claims: Record<string, unknown>, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
