/** Receives webhooks: checks the signature by the library of the specification, answers soon, and does each event once. */
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { ToldPayload } from '@auzap/client';

const webhook = new Webhook(process.env['WEBHOOK_SECRET']!);
/** Deliveries come at least once. A real receiver keeps the ids in its database. */
const done = new Set<unknown>();

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

const server = createServer((request, response) => {
  textOf(request)
    // The text as it came: what is parsed and printed again has another signature.
    .then((text) => webhook.verify(text, request.headers as Record<string, string>))
    .then(
      (event) => {
        const { data } = event as { data: ToldPayload<'whatsapp:message'> };
        const id = request.headers['webhook-id'];
        if (!done.has(id)) {
          done.add(id);
          console.log(data.from, data.text);
        }
        response.writeHead(204).end();
      },
      () => response.writeHead(400).end('not signed by this secret'),
    );
});

server.listen(Number(process.env['PORT']), '127.0.0.1', () => console.error('listening'));
