import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { CallError } from '../common/http-json.ts';
import { ConfigurationError } from '../common/environment.ts';
import { ServiceClient } from '../common/service-client.ts';
import { canSearchMessages, whoCalls } from './caller.ts';
import { makeServer } from './server.ts';
import { readSettings } from './settings.ts';

/** Standard output belongs to the protocol. */
function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

async function start(): Promise<void> {
  const { url, apiKey, organizationId, timeoutMs } = readSettings(process.env);
  const service = new ServiceClient(url, apiKey, timeoutMs);
  const caller = await whoCalls(service, organizationId);
  const canSearch = caller.permissions.includes('read') && (await canSearchMessages(service));
  serveStdio(() => makeServer(service, caller, canSearch), { onerror: ({ message }) => say(message) });
  say(`serving ${caller.organizationId} of ${url}; the key may ${caller.permissions.join(', ')}`);
}

try {
  await start();
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof CallError)) {
    throw error;
  }
  say(error.message);
  process.exitCode = 1;
}
