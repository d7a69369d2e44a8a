import type { AppConfig } from './app-config.js';
import { LOOPBACK } from './loopback.js';

/**
 * Where media go and come from instead of WhatsApp's own hosts: the server that `WHATSAPP_WS_URL` names. Only for a network that
 * has a root key of its own, which production refuses, and only on this machine.
 * @returns an origin such as `http://127.0.0.1:4000`; undefined where media are WhatsApp's own
 */
export function whatsappMediaOrigin(
  config: Pick<AppConfig, 'whatsappWsUrl' | 'whatsappRootKey'>,
): string | undefined {
  if (config.whatsappWsUrl === undefined || config.whatsappRootKey === undefined) {
    return undefined;
  }
  const { protocol, hostname, host } = new URL(config.whatsappWsUrl);
  return protocol === 'ws:' && LOOPBACK.test(hostname.replace(/^\[|\]$/g, '')) ? `http://${host}` : undefined;
}
