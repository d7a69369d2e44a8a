/** The environment's words for what may stand in the URL, as libpq has them. */
const TLS_VARIABLES = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
} as const;

type Variables = { DATABASE_URL?: string | undefined } & {
  [Name in (typeof TLS_VARIABLES)[keyof typeof TLS_VARIABLES]]?: string | undefined;
};

/** What comes before the host of an address that has none there. */
const BEFORE_HOST = /^(?:postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)(?=(?::\d+)?\/)/;
/** As libpq takes it: a server, or the folder of a socket of this machine. */
const HOST = /[?&]host=([^&#]+)/i;
const FOLDER = /^(?:\/|%2F)/i;

/** @returns an address whose host is a parameter (`postgres://user@/db?host=/run/postgresql`) as a URL that has one; any other as it is */
export function withHost(text: string): string {
  const host = HOST.exec(text)?.[1];
  if (host === undefined) {
    return text;
  }
  return text.replace(BEFORE_HOST, (before) => before + (FOLDER.test(host) ? 'localhost' : host));
}

/**
 * @param variables the environment
 * @returns `DATABASE_URL` with the TLS parameters that only variables name; undefined where it is not set
 */
export function databaseUrlOf(variables: Variables): string | undefined {
  const url = variables.DATABASE_URL ? URL.parse(withHost(variables.DATABASE_URL)) : null;
  if (url === null) {
    return variables.DATABASE_URL;
  }
  const hasMode = url.searchParams.has('sslmode') || url.searchParams.has('ssl');
  for (const [parameter, variable] of Object.entries(TLS_VARIABLES)) {
    const value = variables[variable];
    const isGiven = parameter === 'sslmode' ? hasMode : url.searchParams.has(parameter);
    if (value && !isGiven) {
      url.searchParams.set(parameter, value);
    }
  }
  return url.href;
}
