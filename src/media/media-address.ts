import { MediaFault } from './media-fault.js';

const WHATSAPP_HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.whatsapp\.net$/;
const DEFAULT_ORIGIN = 'https://mmg.whatsapp.net';

/** What a message says about where its file is. */
export interface MediaPlace {
  directPath?: string | undefined;
  url?: string | undefined;
}

/**
 * Where a file is to be fetched. Senders say what they like, so that nothing is called but WhatsApp's own hosts, by https.
 * @param origin of a simulated network, which has all files there are; left out, WhatsApp has them
 * @throws MediaFault `media_address_invalid`
 */
export function mediaAddress({ directPath, url }: MediaPlace, origin?: string): URL {
  const base = origin ?? DEFAULT_ORIGIN;
  const named = directPath ? URL.parse(directPath, base) : URL.parse(url ?? '');
  const isPath = !directPath || (/^\/[^/\\]/.test(directPath) && named?.origin === new URL(base).origin);
  if (named === null || !isPath || named.username !== '' || named.password !== '') {
    throw new MediaFault('media_address_invalid', 'final');
  }
  if (origin !== undefined) {
    return new URL(named.pathname + named.search, origin);
  }
  if (named.protocol !== 'https:' || named.port !== '' || !WHATSAPP_HOST.test(named.hostname)) {
    throw new MediaFault('media_address_invalid', 'final');
  }
  return named;
}
