// Receives webhooks: checks the signature, answers soon, and does each event once.
//
//   npm install standardwebhooks
//   WEBHOOK_SECRET=whsec_… PORT=8080 node webhook-receiver.mjs
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
/** Deliveries come at least once: what was done is known by its `webhook-id`. A real receiver keeps this in its database. */
const done = new Set();

async function textOf(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (request, response) => {
  let event;
  try {
    // The text as it came: what is parsed and printed again has another signature.
    event = webhook.verify(await textOf(request), request.headers);
  } catch {
    response.writeHead(400).end('not signed by this secret');
    return;
  }
  const id = request.headers['webhook-id'];
  if (!done.has(id)) {
    done.add(id);
    console.log(JSON.stringify({ type: event.type, sequence: event.sequence, text: event.data.text }));
  }
  response.writeHead(204).end();
});

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
