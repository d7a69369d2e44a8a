/** What the document of events says before its channels. */
export const DESCRIPTION = `
Everything that happens to an organization's numbers, messages, contacts and bookings, told while it happens and kept for who was away.

### Ways to be told

| way | for | after an absence |
|---|---|---|
| Socket.IO | pages and services that want each event at once | \`join-organization\` with \`{ after }\` |
| \`GET /api/events/stream\` | server-sent events, without Socket.IO | \`Last-Event-ID\`, or \`?after=\` |
| \`GET /api/events?wait=\` | long poll, with nothing but HTTP | \`?after=\` |
| webhooks | servers that want to be called | each event is tried until it is taken |

All give the same payloads. **Stored** events carry \`sequence\`, gapless for each organization from 1, and are replayed to who gives the last
one that it has. The others are told to those who listen at that moment and to nobody later: QR strings and pairing codes are secrets (and
only told to those who may manage), and who is there or types is soon out of date. Fields may be added; ignore those that you do not know.

### Socket.IO

Connect to this service with \`socket.io-client\`, and send a token as \`auth: { token }\`, or as \`Authorization: Bearer\` where headers
can be set. None is needed with \`AUTH_MODE=open\`. A handshake that is refused is told as \`connect_error\`, whose \`data\` is that of an
\`exception\`. Nothing is received before joining.

\`\`\`js
let after = 0; // the last sequence that was handled
socket.on('connect', () => socket.emit('join-organization', 'org_123', { after }, (answer) => console.log(answer)));
socket.onAny((name, payload) => { if (payload.sequence) after = payload.sequence; });
\`\`\`

Stored events have a second argument, their offset, for the connection state recovery of Socket.IO.

### REST

The calls of REST are described by the OpenAPI document beside this one, at \`/api/docs\`.
`.trim();

/** What makes a way to be told of events, in the order of the document. */
export const CHANNEL_TEXTS = {
  socket: {
    title: 'Socket.IO',
    description:
      'The namespace `/`. Each event is an event of Socket.IO of the same name, and its payload the first argument. What clients send are arguments in an array, here without the acknowledgement that may follow them.',
  },
  stream: {
    title: 'Server-sent events',
    description:
      'Each stored event that follows, in sequence: `id` is the sequence, `event` the name, and `data` is described here. An `exception` says why the service ends a stream. A comment comes every 15 seconds.',
  },
  list: {
    title: 'Long poll',
    description:
      'Pages of stored events; each of `events` in an answer is described here. With `wait` the call waits for the next event where there is none.',
  },
  webhook: {
    title: 'Webhook',
    description:
      'A `POST` to the address that was given to `POST /api/webhooks`, signed after the [Standard Webhooks](https://www.standardwebhooks.com/) specification. Any answer from 200 to 299 takes it; whatever else, it comes again, with the same `webhook-id`, for three days. Those of one chat come in order.',
  },
} as const;
