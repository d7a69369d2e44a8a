import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../common/environment.ts';
import { ServiceClient } from '../common/service-client.ts';
import { AgentFiles } from './agent-files.ts';
import { makeBridgeServer } from './bridge-server.ts';
import { BridgeState } from './bridge-state.ts';
import { ChatwootClient } from './chatwoot-client.ts';
import { ContactConversations } from './contact-conversations.ts';
import { Incoming } from './incoming.ts';
import { log } from './log.ts';
import { MessageFiles } from './message-files.ts';
import { Outgoing } from './outgoing.ts';
import { type BridgeSettings, readSettings } from './settings.ts';
import { Statuses } from './statuses.ts';

async function start(settings: BridgeSettings): Promise<void> {
  const { maxFileBytes, timeoutMs } = settings;
  const { url, apiKey, instanceId } = settings.service;
  const { inboxId, accountId } = settings.chatwoot;
  // Messages wait in the state file: it is for its owner alone.
  process.umask(0o077);
  const stopping = new AbortController();
  const state = new BridgeState(settings.stateFile);
  const service = new ServiceClient(url, apiKey, timeoutMs);
  const chatwoot = new ChatwootClient(settings.chatwoot, timeoutMs);
  const conversations = new ContactConversations(chatwoot, inboxId);
  const incoming = new Incoming(
    service,
    chatwoot,
    conversations,
    new MessageFiles(service, maxFileBytes),
    state,
  );
  const files = new AgentFiles(service, settings.chatwoot.url, maxFileBytes);
  const names = { instanceId, accountId };
  const outgoing = new Outgoing(service, chatwoot, files, state, names, stopping.signal);
  const statuses = new Statuses(chatwoot, outgoing, state);
  const server = makeBridgeServer({ settings, incoming, outgoing, statuses, state });

  outgoing.resume();
  await once(server.listen(settings.port, settings.host), 'listening');
  log('INFO', 'bridge started', { url: `http://${settings.host}:${(server.address() as AddressInfo).port}` });

  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  stopping.abort();
  server.close();
  server.closeIdleConnections();
  await once(server, 'close');
  state.close();
  log('INFO', 'bridge stopped');
}

try {
  await start(readSettings(process.env));
} catch (error) {
  if (!(error instanceof ConfigurationError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
