import { McpServer } from '@modelcontextprotocol/server';
import type { ServiceClient } from '../common/service-client.ts';
import type { Caller } from './caller.ts';
import { offerReading, offerWhoAmI } from './reading-tools.ts';
import { UNTRUSTED_NOTICE } from './results.ts';
import { offerSending } from './sending-tools.ts';

const VERSION = '0.1.0';

/**
 * @param caller decides which tools there are: what the key may not do is not offered
 * @param canSearch whether the service searches messages
 * @returns a server that waits to be connected
 */
export function makeServer(service: ServiceClient, caller: Caller, canSearch: boolean): McpServer {
  const instructions = `WhatsApp conversations, contacts and bookings of one organization (${caller.organizationId}). ${UNTRUSTED_NOTICE}`;
  const server = new McpServer({ name: 'auzap-whatsapp', version: VERSION }, { instructions });
  const context = { server, service, caller };
  offerWhoAmI(context);
  if (caller.permissions.includes('read')) {
    offerReading(context, canSearch);
  }
  if (caller.permissions.includes('send')) {
    offerSending(context);
  }
  return server;
}
