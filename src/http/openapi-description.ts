import { LIVE_EVENTS, STORED_EVENTS } from '../common/whatsapp-events.js';

const EVENTS = [...LIVE_EVENTS, ...STORED_EVENTS].map((name) => `\`${name}\``).join(', ');

/** What the API documentation says before its routes. */
export const DESCRIPTION = `
Self-hosted, multi-tenant WhatsApp backend.

### Authentication

With \`AUTH_MODE=required\` (the default in production) every \`/api\` route needs \`Authorization: Bearer <token>\`; use the
**Authorize** button here. With \`AUTH_MODE=open\` (the default in development) none is needed, and the service listens on
loopback only. \`/health\` is always open.

A token is the administrator's, an API key of one organization (scopes \`read\`, \`send\`, \`manage\`), or that of a user who logged in with Supabase and
is a member of organizations (\`viewer\` reads, \`agent\` sends, too, \`owner\` manages, too). Routes that take \`organization_id\` need it where
the token belongs to more than one.

### Conventions

REST speaks snake_case JSON and ISO 8601 times in UTC. Lists answer \`next_cursor\`; give it back as \`cursor\` for the next page, and \`previous_cursor\` for what comes before, also later: for the newest first, what came since. A failed call
answers \`{ success: false, error, code, requestId, details? }\`: \`code\` is stable, \`requestId\` finds the call in the log. Each 400 has \`details\`, a list of
\`{ path, message }\`; \`path\` is empty where the request as a whole is at fault. Objects of another organization answer like objects that do not exist.

### Limits

Answers say how the caller stands: \`RateLimit-Policy\` and \`RateLimit\` for each limit (key, organization or address), and \`RateLimit-Limit\`,
\`RateLimit-Remaining\`, \`RateLimit-Reset\` for the one that ends first. A call too many is answered with 429 \`rate_limited\` and \`Retry-After\`.

### Socket.IO

Connect to this host with \`socket.io-client\`; send the token as \`auth: { token }\` where one is needed. Nothing is received before joining:

\`\`\`js
socket.on('connect', () => socket.emit('join-organization', 'org_123', (answer) => console.log(answer)));
\`\`\`

| client sends | payload | acknowledgement |
|---|---|---|
| \`join-organization\` | organization id | \`{ success: true, organizationId }\` or \`{ success: false, error, code }\` |
| \`join-organization\` | organization id, \`{ after? }\` | \`{ success: true, organizationId, sequence, replayed }\`, after all that followed \`after\`; \`{ success: false, error, code: 'events_expired', oldest }\` |
| \`leave-organization\` | organization id | as the first |
| \`show-activity\` | organization id, \`{ contactId, activity }\`: \`reading\`, \`writing\` or \`left\` | as the first; the others hear \`whatsapp:activity\` |

What comes then: ${EVENTS}, and \`exception\` for a failed call without acknowledgement. Their payloads, with examples, are on the page
[\`/api/events-docs\`](events-docs), made from the AsyncAPI document (\`/api/events-docs-json\`, \`asyncapi.json\`).

Stored events (all but \`whatsapp:qr\`, \`whatsapp:pairing-code\`, \`whatsapp:presence\` and \`whatsapp:activity\`) have their \`sequence\`, too: gapless for each organization, from 1. Join again at every
connection, with the last one as \`after\`: what was missed is told first. \`GET /api/events\` and \`GET /api/events/stream\` give the same without Socket.IO.
`.trim();
