import type { IncomingMessage } from 'node:http';

const LOOPBACK_NAME = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;
/** What clients of WhatsApp Web say that they are, no browsers among them. */
const WHATSAPP_WEB = 'https://web.whatsapp.com';

/**
 * A page whose own name was made to resolve to this machine (DNS rebinding) shows itself by that name.
 * @returns whether a request names this machine as such
 */
export function hasLoopbackHost({ headers }: IncomingMessage): boolean {
  return LOOPBACK_NAME.test(headers.host ?? '');
}

/** @returns whether a request is sent by no web page, or by one of this machine */
export function hasLoopbackOrigin({ headers: { origin } }: IncomingMessage): boolean {
  return origin === undefined || LOOPBACK_NAME.test(origin.replace(/^https?:\/\//, ''));
}

/** @returns whether a WebSocket may be opened: by a client of WhatsApp, or as `isOfThisMachine` */
export function mayConnect(request: IncomingMessage): boolean {
  return hasLoopbackHost(request) && (request.headers.origin === WHATSAPP_WEB || hasLoopbackOrigin(request));
}
