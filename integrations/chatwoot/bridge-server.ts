import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { CallError } from '../common/http-json.ts';
import type { BridgeState } from './bridge-state.ts';
import type { ChatwootWebhook } from './chatwoot-types.ts';
import type { Incoming, MediaEvent, MessageEvent } from './incoming.ts';
import { log } from './log.ts';
import type { Outgoing } from './outgoing.ts';
import type { BridgeSettings } from './settings.ts';
import type { StatusEvent, Statuses } from './statuses.ts';

const BODY_BYTES = 1024 * 1024;
const MOST_WAITING = 10_000;
const RETRY_AFTER_S = '5';

interface ServiceEvent {
  type: string;
  data?: { instanceId?: string } | null;
}

/** A call that is answered so, and changes nothing. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the bridge does with what it is told. */
export interface BridgeParts {
  settings: BridgeSettings;
  incoming: Incoming;
  outgoing: Outgoing;
  statuses: Statuses;
  state: BridgeState;
}

/**
 * `POST /auzap` takes the service's webhook, whose signature is checked; `POST /chatwoot/<token>` Chatwoot's, which knows the token;
 * `GET /health` says that the bridge runs. A call is answered 2xx when what it says is in Chatwoot, or stored to be sent.
 */
export function makeBridgeServer(parts: BridgeParts): Server {
  const webhook = new Webhook(parts.settings.service.webhookSecret);
  const answer = async (request: IncomingMessage): Promise<void> => {
    const path = request.url?.split('?')[0] ?? '';
    if (request.method === 'GET' && path === '/health') {
      return;
    }
    if (request.method !== 'POST') {
      throw new Refusal(404, 'there is nothing here');
    }
    if (path === '/auzap') {
      await takeEvent(parts, verified(webhook, await textOf(request), request));
    } else if (isSecretPath(path, parts.settings.chatwoot.pathToken)) {
      takeAgentMessage(parts, parsed(await textOf(request)) as ChatwootWebhook);
    } else {
      throw new Refusal(404, 'there is nothing here');
    }
  };
  const server = createServer((request, response) => {
    void answer(request).then(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}'),
      (error: unknown) => refuse(response, error),
    );
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  return server;
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof Refusal) {
    response.writeHead(error.status, { connection: 'close' }).end(error.message);
    return;
  }
  const fields = error instanceof CallError ? { status: error.status, code: error.code } : {};
  log(error instanceof CallError ? 'WARN' : 'ERROR', 'an event could not be handed on, and will come again', {
    ...fields,
    error: error instanceof CallError ? error.message : String(error instanceof Error ? error.stack : error),
  });
  response.writeHead(503, { 'retry-after': RETRY_AFTER_S }).end('try again later');
}

function verified(webhook: Webhook, text: string, { headers }: IncomingMessage): ServiceEvent {
  try {
    return webhook.verify(text, headers as Record<string, string>) as ServiceEvent;
  } catch {
    throw new Refusal(400, 'not signed by AUZAP_WEBHOOK_SECRET');
  }
}

async function takeEvent(
  { settings, incoming, statuses }: BridgeParts,
  { type, data }: ServiceEvent,
): Promise<void> {
  if (data?.instanceId !== settings.service.instanceId) {
    return;
  }
  if (type === 'whatsapp:message') {
    await incoming.message(data as MessageEvent);
  } else if (type === 'whatsapp:media') {
    await incoming.media(data as unknown as MediaEvent);
  } else if (type === 'whatsapp:message-status') {
    await statuses.change(data as unknown as StatusEvent);
  }
}

/** Agents' replies alone are sent: no notes, nothing of the bridge's own, and nothing that Chatwoot says by itself. */
function takeAgentMessage({ settings, outgoing, state }: BridgeParts, told: ChatwootWebhook): void {
  const { chatwoot, sendMinutes } = settings;
  const isReply =
    told.event === 'message_created' && told.message_type === 'outgoing' && told.private === false;
  const isOurs = told.account?.id === chatwoot.accountId && told.inbox?.id === chatwoot.inboxId;
  if (!isReply || !isOurs || told.source_id?.startsWith('auzap:')) {
    return;
  }
  const { content, attachments = [] } = told;
  if (!content && attachments.length === 0) {
    return;
  }
  if (state.countWaiting() >= MOST_WAITING) {
    throw new Refusal(503, 'too many messages wait to be sent');
  }
  const { identifier, phone_number } = told.conversation.meta.sender;
  outgoing.take({
    id: told.id,
    conversationId: told.conversation.id,
    identifier,
    phoneNumber: phone_number,
    content: content ?? '',
    attachments: attachments.map(({ file_type, data_url }) => ({ file_type, data_url })),
    deadline: Date.now() + sendMinutes * 60_000,
  });
}

function isSecretPath(path: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(path), digest(`/chatwoot/${token}`));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES) {
      throw new Refusal(413, 'too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) {
      return value;
    }
  } catch {
    // Falls through.
  }
  throw new Refusal(400, 'not JSON');
}
