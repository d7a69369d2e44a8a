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

REST speaks snake_case JSON and ISO 8601 times in UTC. Lists answer \`next_cursor\`; give it back as \`cursor\` for the next page. A failed call
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

| client receives | payload |
|---|---|
| \`whatsapp:qr\` (to those who may manage) | \`{ instanceId, qr, timestamp }\` |
| \`whatsapp:pairing-code\` | \`{ instanceId, pairingCode, expiresAt, timestamp }\` |
| \`whatsapp:connected\` | \`{ instanceId, organizationId, phoneNumber, timestamp }\` |
| \`whatsapp:disconnected\` (also when linking a phone ended without a link) | \`{ instanceId, reason?, timestamp }\`; \`reason\` is one of those of \`last_disconnect_reason\` |
| \`whatsapp:restricted\` | \`{ instanceId, kind, reason?, until?, timestamp }\`; \`kind\` is \`none\` when it is over |
| \`whatsapp:message-sent\` | \`{ instanceId, id, messageId, to, text, type, contactId?, timestamp }\`: a message of the API was stored |
| \`whatsapp:message-status\` | \`{ instanceId, id, messageId, contactId?, status, error?, timestamp }\`: \`status\` is sent, delivered, read, played or failed |
| \`whatsapp:message\` | \`{ instanceId, messageId, from, text, type, timestamp, contactId?, bookingId?, metadata?, replyTo?, media? }\` |
| \`whatsapp:group-message\` | \`{ instanceId, id, messageId, groupId, subject?, from, name?, fromMe, text, type, timestamp, metadata?, replyTo?, media? }\`: written in a group that is stored |
| \`whatsapp:group\` | \`{ instanceId, groupId, change, from?, subject?, members?, timestamp }\`: \`change\` is learnt, create, subject, description, add, remove, leave, promote or demote |
| \`whatsapp:media\` | \`{ instanceId, id, messageId, contactId?, state, mimeType?, size?, error?, timestamp }\`: \`state\` is pending, ready, failed, expired or skipped |
| \`whatsapp:message-edited\` | \`{ instanceId, id, messageId, contactId?, text, timestamp }\` |
| \`whatsapp:message-deleted\` | \`{ instanceId, id, messageId, contactId?, timestamp }\` |
| \`whatsapp:reaction\` | \`{ instanceId, id, messageId, contactId?, from, fromMe, emoji, timestamp }\`: an empty emoji takes it back |
| \`whatsapp:message-updated\` | \`{ instanceId, id, messageId, contactId?, from, fromMe, change, metadata, timestamp }\`: \`change\` is poll_vote, event_answer, pin, keep, live_location, placeholder or read_again |
| \`whatsapp:note\` | \`{ instanceId, noteId, contactId?, timestamp }\`: the owner wrote on the phone |
| \`whatsapp:contact\` | \`{ instanceId?, contactId, change, mergedInto?, timestamp }\`: \`merged\`: two contacts were one person; \`contactId\` leads to \`mergedInto\` from now on; \`renamed\`: somebody named it; \`read\`: what the contact wrote was read |
| \`whatsapp:presence\` (asked for, never stored) | \`{ instanceId, from, presence, lastSeen?, timestamp }\`: \`presence\` is available, unavailable, composing, recording or paused |
| \`whatsapp:booking\` | \`{ instanceId?, bookingId, contactId, status, previousStatus?, timestamp }\`: somebody made or changed it, or of two open bookings of one person the older stays |
| \`exception\` | \`{ success: false, error, code }\`, for a failed call without acknowledgement |

Stored events (all but \`whatsapp:qr\`, \`whatsapp:pairing-code\` and \`whatsapp:presence\`) have their \`sequence\`, too: gapless for each organization, from 1. Join again at every
connection, with the last one as \`after\`: what was missed is told first. \`GET /api/events\` and \`GET /api/events/stream\` give the same without Socket.IO.
`.trim();
