import type { Environment } from './environment.js';

/** The paths of a project's APIs: the address is given without them. */
const OF_AN_API = /\/(rest|auth|storage|realtime)\/v1\/*$/;
/** The dashboard's host, and that of a project's database. */
const OTHER_HOSTS = /^(supabase\.com|www\.supabase\.com|app\.supabase\.com|db\.[^.]+\.supabase\.co)$/;

/** @returns the address of the project's API, without slashes at its end; it may have a path where it is self-hosted */
export function projectUrlOf(env: Environment): string | undefined {
  return env.SUPABASE_URL?.trim().replace(/\/+$/, '');
}

/** @returns one sentence where the address is the one of something else */
export function projectUrlFaults(env: Environment): string[] {
  const url = URL.parse(env.SUPABASE_URL ?? '');
  const isAddress =
    url === null ||
    (`${url.username}${url.password}${url.search}${url.hash}` === '' &&
      !OF_AN_API.test(url.pathname) &&
      !OTHER_HOSTS.test(url.hostname));
  return isAddress
    ? []
    : [
        "SUPABASE_URL must be the address of the project's API alone, https://<project ref>.supabase.co as Settings → Data API shows it: no path of an API, user or parameters, and neither the dashboard nor the database",
      ];
}
