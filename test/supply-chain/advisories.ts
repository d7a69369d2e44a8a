/** A known fault of a package that is part of the product. */
export interface Advisory {
  /** `GHSA-…` where it has one. */
  id: string;
  package: string;
  severity: string;
  title: string;
  url: string;
}

/** Why an advisory does not keep a change from landing, and until when that is believed. */
export interface AuditException {
  id: string;
  reason: string;
  /** The last day, as `2027-01-31`. */
  until: string;
}

export interface Judged {
  /** Must be dealt with. */
  open: Advisory[];
  excused: Advisory[];
  /** Exceptions that nothing needs any more, or whose day is over. */
  stale: AuditException[];
}

/** What `npm audit --json` says of one package. */
interface Vulnerability {
  via: ({ name: string; title: string; url: string; severity: string } | string)[];
}

const COUNTED = new Set(['moderate', 'high', 'critical']);

/**
 * @param text what `npm audit --json` printed
 * @returns the advisories of moderate severity and above, each once; undefined when the service gave no answer
 */
export function readAdvisories(text: string): Advisory[] | undefined {
  const found = new Map<string, Advisory>();
  const vulnerabilities = parse(text)?.vulnerabilities;
  if (!vulnerabilities) {
    return undefined;
  }
  for (const { via } of Object.values(vulnerabilities)) {
    for (const cause of via) {
      if (typeof cause !== 'string' && COUNTED.has(cause.severity)) {
        const { name, title, url, severity } = cause;
        const id = /GHSA(-\w{4}){3}/.exec(url)?.[0] ?? url;
        found.set(`${id} ${name}`, { id, package: name, severity, title, url });
      }
    }
  }
  return [...found.values()];
}

/** @param today as `2027-01-31` */
export function judge(
  advisories: readonly Advisory[],
  exceptions: readonly AuditException[],
  today: string,
): Judged {
  const valid = exceptions.filter(({ until }) => until >= today);
  const isExcused = (advisory: Advisory) => valid.some(({ id }) => id === advisory.id);
  return {
    open: advisories.filter((advisory) => !isExcused(advisory)),
    excused: advisories.filter(isExcused),
    stale: exceptions.filter(
      (exception) => !valid.includes(exception) || !advisories.some(({ id }) => id === exception.id),
    ),
  };
}

function parse(text: string): { vulnerabilities?: Record<string, Vulnerability> } | undefined {
  try {
    return JSON.parse(text) as { vulnerabilities?: Record<string, Vulnerability> };
  } catch {
    return undefined;
  }
}
