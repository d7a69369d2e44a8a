/** The places where something belongs, each with the reason. */
type Places = Readonly<Record<string, string>>;

const NOWHERE: Places = {};

/** Over which nodes tell each other what their sockets are to hear. */
const EVENTS_CHANNEL = 'redis channel auzap:0:events';
const MANAGERS_CHANNEL = 'redis channel auzap:0:socket.io#/#managers:org_secrets#';

const ADDRESSED: Places = {
  'public.contacts.phone_number': 'by which a contact is known',
  'public.contacts.lid': 'by which a contact is known',
  'public.messages.chat_jid': 'where an answer goes',
  'public.messages.chat_key': 'who wrote in a group, as part of what names the message',
  'public.messages.sender_phone': 'the same',
  'public.messages.sender_lid': 'the same',
  'public.group_members.phone': 'who is in a group that is stored',
  'public.group_members.lid': 'the same',
  'public.inbox.attrs': 'addressing of what was delivered, see docs/architecture.md',
  'public.inbox.chat': 'the same',
  'public.inbox.sender': 'the same',
  'public.events.payload': 'says from whom a message is',
  [EVENTS_CHANNEL]: 'the same, on its way to the sockets of other nodes; nothing of it stays in Redis',
  'public.undecrypted_messages.phone': 'from whom something came that nobody could read',
  'public.undecrypted_messages.lid': 'the same',
  'public.undecrypted_messages.chat': 'the same',
  'public.whatsapp_session_keys.key_id': 'Signal sessions are stored by address',
  'public.erasures.phone_number': 'until the erasure is finished',
  'public.erasures.lid': 'the same',
};

const TEXTS_OF_CHATS: Places = {
  'public.messages.content': 'for the people of the organization',
  'public.events.payload': 'the same, for sockets and replay',
  [EVENTS_CHANNEL]: 'the same, on its way to the sockets of other nodes; nothing of it stays in Redis',
};

/** Where each kind of what was planted belongs. All other places are faults, and so is one of these where it is not found. */
const BELONGS: Readonly<Record<string, Places>> = {
  'credentials of sessions': {
    [MANAGERS_CHANNEL]: 'a QR string is made of public keys and of a secret for the phone that scans it',
  },
  'Signal keys': NOWHERE,
  'data keys': NOWHERE,
  SESSION_ENCRYPTION_KEY: NOWHERE,
  ADMIN_API_KEY: NOWHERE,
  SUPABASE_JWT_SECRET: NOWHERE,
  SUPABASE_SERVICE_ROLE_KEY: NOWHERE,
  'password of the database': NOWHERE,
  'password of Redis': NOWHERE,
  'API keys': { 'output of admin create-key': 'shown once, to whoever made it' },
  'guessed tokens': NOWHERE,
  'tokens of users': NOWHERE,
  'webhook secret': NOWHERE,
  'pairing codes and QR strings': {
    [MANAGERS_CHANNEL]: 'on its way to the sockets of those who may link a phone',
  },
  'texts of messages': TEXTS_OF_CHATS,
  // `whatsapp:message-sent` shows them on other screens.
  'texts of answers': TEXTS_OF_CHATS,
  'texts of notes': { 'public.notes.content': 'for the people of the organization' },
  'texts that are not kept': NOWHERE,
  'what was in refused calls': NOWHERE,
  'names of people': {
    'public.contacts.name': 'what the contact is called',
    'public.inbox.attrs': 'what the sender was called in what was delivered',
    'public.messages.sender_name': 'what somebody in a group calls himself',
    'public.events.payload': 'the same, for sockets and replay',
    [EVENTS_CHANNEL]: 'the same, on its way to the sockets of other nodes; nothing of it stays in Redis',
  },
  'names of groups': {
    'public.groups.subject': 'what a group is called that is stored',
    'public.events.payload': 'the same, for sockets and replay',
    [EVENTS_CHANNEL]: 'the same, on its way to the sockets of other nodes; nothing of it stays in Redis',
  },
  'addresses of people': ADDRESSED,
  'addresses of the organization': {
    'public.whatsapp_instances.phone_number': 'the number that was to be linked',
    'public.whatsapp_instances.account_phone': 'the number that is linked',
    'public.whatsapp_instances.account_lid': 'the same',
    'public.inbox.account_phone': 'to which number something was delivered',
    'public.inbox.account_lid': 'the same',
    'public.inbox.attrs': 'addressing of what was delivered, see docs/architecture.md',
    'public.inbox.chat': 'the same',
    'public.inbox.sender': 'the same, of what the owner wrote',
    'public.messages.sent_from': 'from which number it went',
    'public.groups.owner_phone': 'who made a group',
    'public.groups.owner_lid': 'the same',
    'public.group_members.phone': 'who is in a group that is stored',
    'public.group_members.lid': 'the same',
    'public.events.payload': 'which number went on line',
    [EVENTS_CHANNEL]: 'the same, on its way to the sockets of other nodes; nothing of it stays in Redis',
    'public.whatsapp_session_keys.key_id': 'Signal sessions with other devices of the same account',
  },
  'idempotency keys': { 'public.messages.idempotency_key': 'what the caller calls the message' },
  'request ids': {
    'public.audit_log.request_id': 'what the caller calls the request',
    'log of node-a: http "request completed"': 'the same',
    'log of node-b: http "request completed"': 'the same',
    'console of node-a: http "request completed"': 'the same',
    'console of node-b: http "request completed"': 'the same',
  },
};

/** Columns that hold secrets sealed; a dump that lacks one proves nothing. */
export const SEALED = [
  'public.whatsapp_instances.session_data',
  'public.whatsapp_session_keys.value',
  'public.inbox.body',
  'public.data_keys.wrapped',
  'public.service_secrets.value',
  'public.webhook_endpoints.secret',
  'public.node_requests.payload',
  'public.node_requests.answer',
  'public.pairing_qrs.qr',
  'public.api_keys.key_hash',
];

/**
 * @param seen by kind, where it was found
 * @returns what was found where it does not belong, and what was not found where it does
 */
export function judge(seen: Readonly<Record<string, readonly string[]>>): {
  astray: Record<string, string[]>;
  missed: Record<string, string[]>;
} {
  const kinds = [...new Set([...Object.keys(seen), ...Object.keys(BELONGS)])];
  const differences = (of: (seen: readonly string[], declared: readonly string[]) => string[]) =>
    Object.fromEntries(
      kinds
        .map((kind) => [kind, of(seen[kind] ?? [], Object.keys(BELONGS[kind] ?? NOWHERE))] as const)
        .filter(([, places]) => places.length > 0),
    );
  return {
    astray: differences((found, declared) => found.filter((place) => !declared.includes(place))),
    missed: differences((found, declared) => declared.filter((place) => !found.includes(place))),
  };
}
