import { isIP } from 'node:net';
import { AppError } from '../common/app-error.js';
import type { AllowList } from './allow-list.js';
import { isPublicAddress } from './public-address.js';

/** Longer ones are no address that a person chose. */
const MAX_LENGTH = 2_048;
/** Below it live mail, terminals, name service and the like; of these only the web's own are called. */
const FIRST_FREE_PORT = 1_024;
const WEB_PORTS: ReadonlySet<string> = new Set(['', '80', '443']);

/** What a URL that a user gave may look like. */
export interface EgressUrlRules {
  allow: AllowList;
  /** In production only `https`, except to the operator's own targets. */
  isProduction: boolean;
}

/** A URL that users may not make this service call. */
export class EgressUrlError extends AppError {
  constructor(message: string) {
    super('url_not_allowed', { message });
  }
}

/**
 * Reads a URL that somebody else gave, and refuses what does not lead to a web server of the open Internet. A name is judged
 * by what it looks like alone: what it resolves to is checked when it is called, by `EgressFetch`.
 * @throws EgressUrlError `url_not_allowed`, that says why
 */
export function egressUrl(text: string, { allow, isProduction }: EgressUrlRules): URL {
  const url = text.length > MAX_LENGTH ? null : URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new EgressUrlError('Give a complete URL that begins with https://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressUrlError('The URL must not hold a user name or password.');
  }
  const host = hostOf(url);
  if (allow.hasHost(host)) {
    return url;
  }
  if (isProduction && url.protocol !== 'https:') {
    throw new EgressUrlError('The URL must begin with https://.');
  }
  if (!WEB_PORTS.has(url.port) && Number(url.port) < FIRST_FREE_PORT) {
    throw new EgressUrlError('The URL must use port 80, 443, or one from 1024 up.');
  }
  if (isIP(host) === 0 ? isLocalName(host) : !isPublicAddress(host)) {
    throw new EgressUrlError('The URL must lead to a public address.');
  }
  return url;
}

/** @returns the host as resolvers and sockets take it: IPv6 without brackets */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Names that mean something else on each machine or network. A last dot changes nothing. */
function isLocalName(host: string): boolean {
  const name = host.replace(/\.$/, '');
  return !name.includes('.') || /\.(localhost|local|internal|home\.arpa)$/.test(name);
}
