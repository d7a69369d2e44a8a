import type { IncomingMessage } from 'node:http';
import type { ProxyTrust } from './client-address.js';

const PART = /^(\/[\w.~-]+)+\/?$/;
const MAX_LENGTH = 256;

/**
 * @param trust which proxies are believed
 * @returns the path under which proxies before the service show it, such as `/whatsapp`, where they say so by
 *   `X-Forwarded-Prefix`; undefined where they do not, or are not trusted. The outermost proxy is named first.
 */
export function forwardedPrefix(request: IncomingMessage, trust: ProxyTrust): string | undefined {
  const header = request.headers['x-forwarded-prefix'];
  const text = Array.isArray(header) ? header.join(',') : header;
  if (text === undefined || text.length > MAX_LENGTH || !trust(request.socket.remoteAddress ?? '', 0)) {
    return undefined;
  }
  const parts = text.split(',').map((part) => part.trim());
  const isPath = parts.every((part) => PART.test(part) && !/\/\.{1,2}(\/|$)/.test(part));
  return isPath ? parts.map((part) => part.replace(/\/$/, '')).join('') : undefined;
}
