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

/** An address without a host, and what comes before it; libpq takes it for a socket of this machine. */
const WITHOUT_HOST = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)(?=(?::\d+)?\/)/;
const SOCKET = /[?&]host=(?:\/|%2F)/i;

/** @returns an address of a socket (`postgres://user@/db?host=/run/postgresql`) as a URL that has a host; any other as it is */
export function withHost(text: string): string {
  return SOCKET.test(text) ? text.replace(WITHOUT_HOST, '$1localhost') : text;
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
