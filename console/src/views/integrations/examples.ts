/** Whose examples they are. */
export interface ExampleContext {
  /** Of the service, without a slash at its end. */
  url: string;
  organizationId: string;
  instanceId: string;
  /** A service that asks nobody who they are takes no key. */
  needsKey: boolean;
}

export const TASKS = ['send', 'list', 'receive', 'webhook', 'verify'] as const;
export type Task = (typeof TASKS)[number];

/** @returns a call from a command line; none for what takes a program */
export function curlOf(task: Task, context: ExampleContext): string | undefined {
  const { url, organizationId, instanceId, needsKey } = context;
  const key = needsKey ? ' \\\n  -H "Authorization: Bearer $AUZAP_TOKEN"' : '';
  const json = ' \\\n  -H "Content-Type: application/json"';
  switch (task) {
    case 'send':
      return `curl "${url}/api/whatsapp/instances/${instanceId}/send"${key}${json} \\
  -H "Idempotency-Key: order-4711-confirmed" \\
  -d '{"to": "5511988887777", "message": "Hello!"}'`;
    case 'list':
      return `curl "${url}/api/messages?organization_id=${organizationId}&limit=20"${key}`;
    case 'receive':
      return `curl "${url}/api/events?organization_id=${organizationId}&after=0&wait=30"${key}`;
    case 'webhook':
      return `curl "${url}/api/webhooks"${key}${json} \\
  -d '{"organization_id": "${organizationId}", "url": "https://example.com/hooks/whatsapp", "events": ["whatsapp:message"]}'`;
    case 'verify':
      return undefined;
  }
}

/** @returns a program for Node 22.18 and newer, and for browsers where it needs nothing of Node */
export function typescriptOf(task: Task, context: ExampleContext): string {
  const { url, organizationId, instanceId, needsKey } = context;
  const client = `import { createClient } from '@auzap/client';

const client = createClient({
  url: '${url}',
  organizationId: '${organizationId}',${needsKey ? '\n  token: process.env.AUZAP_TOKEN!,' : ''}
});
`;
  switch (task) {
    case 'send':
      return `${client}
const { message_id } = await client.messages.send(
  '${instanceId}',
  { to: '5511988887777', message: 'Hello!' },
  { idempotencyKey: 'order-4711-confirmed' },
);
console.log(message_id);`;
    case 'list':
      return `${client}
for await (const message of client.messages.list({ limit: 20 })) {
  console.log(message.direction, message.content);
}`;
    case 'receive':
      return `${client}
for await (const event of client.events()) {
  if (event.name === 'whatsapp:message') {
    console.log(event.payload.from, event.payload.text);
  }
}`;
    case 'webhook':
      return `${client}
const { secret } = await client.webhooks.create({
  url: 'https://example.com/hooks/whatsapp',
  events: ['whatsapp:message'],
});
console.log(secret);`;
    case 'verify':
      return `import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET!);

createServer(async (request, response) => {
  try {
    const event = webhook.verify(await text(request), request.headers as Record<string, string>);
    console.log(event);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(8080);`;
  }
}
