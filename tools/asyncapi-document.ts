import { errorEntry, type ErrorCode } from '../src/common/errors/catalogue.js';
import { SOCKET_ERRORS } from '../src/common/errors/socket-errors.js';
import {
  STORED_EVENTS,
  type StoredEventName,
  type WhatsappEventName,
} from '../src/common/whatsapp-events.js';
import { EXAMPLES } from './asyncapi-examples.js';
import { type Schema, TypeSchemas } from './asyncapi-schemas.js';
import { CHANNEL_TEXTS, DESCRIPTION } from './asyncapi-text.js';

type Reference = { $ref: string };
type Messages = Record<string, object>;

const EVENTS_FILE = 'src/common/whatsapp-events.ts';
const SOCKET_FILE = 'src/realtime/socket-events.ts';
const WEBHOOK_FILE = 'src/webhooks/webhook-message.ts';

/** What sockets are told that calls of REST are told, too. */
const SHARED_CODES: readonly ErrorCode[] = [
  'unauthorized',
  'no_membership',
  'permission_denied',
  'organization_forbidden',
  'validation_failed',
  'events_expired',
  'rate_limited',
  'signing_keys_unavailable',
  'database_unavailable',
  'shutting_down',
  'internal_error',
];

/** @returns the AsyncAPI 3 document of everything that the service tells, and of what clients say to its sockets */
export function asyncApiDocument(): object {
  const schemas = new TypeSchemas();
  const told = schemas.of(EVENTS_FILE, 'ToldPayloads').properties!;
  const names = Object.keys(told) as WhatsappEventName[];
  const described = schemas.of(EVENTS_FILE, 'WhatsappEvents').properties!;
  const payloads = Object.fromEntries(
    names.map((name) => [
      keyOf(name),
      { ...schemas.resolve(told[name]!), description: described[name]!.description },
    ]),
  );
  const others = {
    ErasedPayload: schemas.of(EVENTS_FILE, 'ErasedPayload'),
    SocketErrorBody: schemas.of('src/realtime/socket-error-body.ts', 'SocketErrorBody'),
    WebhookHeaders: schemas.of(WEBHOOK_FILE, 'WebhookHeaders'),
  };
  const channels: Record<string, Messages> = {
    socket: { ...socketEvents(names, described), ...socketCalls(schemas) },
    stream: { ...streamed('stream', described), 'stream.exception': EXCEPTION },
    list: streamed('list', described),
    webhook: webhookCalls(schemas, described),
  };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'AuZap WhatsApp events',
      version: '1.0.0',
      description: DESCRIPTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: {
      socket: channel('socket', '/', 'sockets', channels['socket']!),
      stream: channel('stream', '/api/events/stream', 'http', channels['stream']!),
      list: channel('list', '/api/events', 'http', channels['list']!),
      webhook: channel('webhook', null, 'receiver', channels['webhook']!),
    },
    operations: operations(channels, names, schemas),
    components: {
      securitySchemes: SECURITY_SCHEMES,
      messages: Object.assign({}, ...Object.values(channels)) as Messages,
      schemas: { ...payloads, ...others, ...schemas.named },
    },
    'x-error-codes': errorCodes(),
  };
}

const SERVERS = {
  sockets: {
    host: '{host}',
    pathname: '{prefix}/socket.io/',
    protocol: 'ws',
    title: 'Socket.IO',
    description: 'Version 4 of Socket.IO, by WebSocket or long polling; `wss` behind TLS.',
    variables: variables(),
    security: [{ $ref: '#/components/securitySchemes/bearer' }],
  },
  http: {
    host: '{host}',
    pathname: '{prefix}',
    protocol: 'http',
    title: 'HTTP',
    description: 'Where REST answers, too; `https` behind TLS.',
    variables: variables(),
    security: [{ $ref: '#/components/securitySchemes/bearer' }],
  },
  receiver: {
    host: '{receiver}',
    protocol: 'https',
    title: 'Your server',
    description: 'Wherever a webhook leads.',
    variables: { receiver: { description: 'Host and path of the address of the webhook.' } },
    security: [{ $ref: '#/components/securitySchemes/signature' }],
  },
};

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, or the token of a Supabase user; needed with AUTH_MODE=required. Sockets take it as `auth.token` of the handshake, too.',
  },
  signature: {
    type: 'httpApiKey',
    name: 'webhook-signature',
    in: 'header',
    description: 'Made with the secret of the webhook; the libraries of Standard Webhooks verify it.',
  },
};

const FAULT: Reference = { $ref: '#/components/schemas/SocketErrorBody' };

const EXCEPTION = {
  name: 'exception',
  title: 'exception',
  summary: 'A call without acknowledgement failed, or the service ends the connection.',
  payload: FAULT,
  examples: [{ payload: { success: false, error: errorEntry('too_slow').sentence, code: 'too_slow' } }],
};

function variables(): object {
  return {
    host: { default: 'localhost:3000', description: 'Where the service answers.' },
    prefix: { default: '', description: 'The path under which a proxy shows it.' },
  };
}

/** Names of components have no colon. */
function keyOf(name: string): string {
  return name.replace(':', '.');
}

function isStored(name: WhatsappEventName): name is StoredEventName {
  return (STORED_EVENTS as readonly string[]).includes(name);
}

function payloadOf(name: WhatsappEventName): Reference {
  return { $ref: `#/components/schemas/${keyOf(name)}` };
}

function socketEvents(names: readonly WhatsappEventName[], described: Record<string, Schema>): Messages {
  const events = names.map((name) => [
    keyOf(name),
    {
      name,
      title: name,
      summary: described[name]!.description,
      tags: [isStored(name) ? { name: 'stored' } : { name: 'live' }],
      payload: payloadOf(name),
      examples: [{ payload: EXAMPLES[name] }],
    },
  ]);
  return { ...(Object.fromEntries(events) as Messages), exception: EXCEPTION };
}

/** What clients send, and how they are answered. */
function socketCalls(schemas: TypeSchemas): Messages {
  const calls = schemas.of(SOCKET_FILE, 'ClientArguments').properties!;
  const answers = schemas.of(SOCKET_FILE, 'Acknowledgements').properties!;
  const organizationId = 'org_123';
  const examples: Record<string, { sent: unknown[][]; answers: object[] }> = {
    'join-organization': {
      sent: [[organizationId], [organizationId, { after: 41 }]],
      answers: [
        { success: true, organizationId },
        { success: true, organizationId, sequence: 43, replayed: 2 },
      ],
    },
    'leave-organization': { sent: [[organizationId]], answers: [{ success: true, organizationId }] },
    'show-activity': {
      sent: [[organizationId, { contactId: '3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11', activity: 'reading' }]],
      answers: [{ success: true, organizationId }],
    },
  };
  return {
    ...Object.fromEntries(
      Object.entries(calls).flatMap(([name, payload]) => [
        [
          name,
          {
            name,
            title: name,
            summary: payload.description,
            payload,
            examples: examples[name]!.sent.map((sent) => ({ payload: sent })),
          },
        ],
        [
          `${name}.answer`,
          {
            name: `${name}.answer`,
            title: `${name}: acknowledgement`,
            payload: answers[name],
            examples: examples[name]!.answers.map((answer) => ({ payload: answer })),
          },
        ],
      ]),
    ),
    'refusal.answer': {
      name: 'refusal.answer',
      title: 'Refusal: acknowledgement',
      payload: FAULT,
      examples: [
        {
          payload: {
            success: false,
            error: errorEntry('events_expired').sentence,
            code: 'events_expired',
            oldest: 17,
          },
        },
      ],
    },
  };
}

/** As `GET /api/events` and the stream show events. */
function streamed(way: string, described: Record<string, Schema>): Messages {
  return Object.fromEntries(
    STORED_EVENTS.map((name) => {
      const payload = EXAMPLES[name];
      return [
        `${way}.${keyOf(name)}`,
        {
          name,
          title: name,
          summary: described[name]!.description,
          payload: {
            type: 'object',
            properties: {
              sequence: { type: 'integer', minimum: 1 },
              name: { type: 'string', const: name },
              payload: { anyOf: [payloadOf(name), { $ref: '#/components/schemas/ErasedPayload' }] },
            },
            required: ['sequence', 'name', 'payload'],
          },
          examples: [{ payload: { sequence: payload.sequence, name, payload } }],
        },
      ];
    }),
  );
}

function webhookCalls(schemas: TypeSchemas, described: Record<string, Schema>): Messages {
  const body = schemas.of(WEBHOOK_FILE, 'WebhookBody');
  const message = (type: string, summary: string | undefined, sequence: number | null, data: object) => ({
    name: type,
    title: type,
    summary,
    headers: { $ref: '#/components/schemas/WebhookHeaders' },
    payload: {
      ...body,
      properties: {
        ...body.properties,
        type: { ...body.properties!['type'], const: type },
        sequence: sequence === null ? { type: 'null' } : { type: 'integer', minimum: 1 },
        data: sequence === null ? { type: 'object', maxProperties: 0 } : payloadOf(type as StoredEventName),
      },
    },
    examples: [
      {
        headers: {
          'content-type': 'application/json',
          'user-agent': 'auzap-whatsapp (webhooks)',
          'webhook-id':
            sequence === null ? 'test_3f0e4b0e-9d0c-4f4a-8f6f-7a106f1c1a52' : `evt_org_123_${sequence}`,
          'webhook-timestamp': '1769860800',
          'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
        payload: { type, timestamp: '2026-01-31T12:00:00.000Z', sequence, organization_id: 'org_123', data },
      },
    ],
  });
  return Object.fromEntries([
    ...STORED_EVENTS.map((name) => {
      const data = EXAMPLES[name];
      return [`webhook.${keyOf(name)}`, message(name, described[name]!.description, data.sequence, data)];
    }),
    ['webhook.test', message('webhook.test', 'Tries the address; no event.', null, {})],
  ]) as Messages;
}

function channel(
  key: keyof typeof CHANNEL_TEXTS,
  address: string | null,
  server: string,
  messages: Messages,
) {
  return {
    address,
    ...CHANNEL_TEXTS[key],
    servers: [{ $ref: `#/servers/${server}` }],
    messages: Object.fromEntries(
      Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
  };
}

function operations(
  channels: Record<string, Messages>,
  names: readonly WhatsappEventName[],
  schemas: TypeSchemas,
): object {
  const refs = (key: string, messages: readonly string[]) =>
    messages.map((name) => ({ $ref: `#/channels/${key}/messages/${name}` }));
  const of = (key: string) => ({ $ref: `#/channels/${key}` });
  const sends = (key: string, summary: string, messages = Object.keys(channels[key]!)) => ({
    action: 'send',
    channel: of(key),
    summary,
    messages: refs(key, messages),
  });
  const calls = schemas.of(SOCKET_FILE, 'ClientArguments').properties!;
  const receives = Object.entries(calls).map(([name, { description }]) => [
    name,
    {
      action: 'receive',
      channel: of('socket'),
      summary: description,
      messages: refs('socket', [name]),
      reply: { channel: of('socket'), messages: refs('socket', [`${name}.answer`, 'refusal.answer']) },
    },
  ]);
  return {
    ...(Object.fromEntries(receives) as object),
    tell: sends('socket', 'What happens in the organizations that a socket joined.', names.map(keyOf)),
    fail: sends('socket', 'What a socket did wrong, or why it is ended.', ['exception']),
    stream: sends('stream', 'Stored events, as they come.'),
    list: sends('list', 'Stored events, page by page.'),
    call: sends('webhook', 'Stored events, to addresses of yours.'),
  };
}

function errorCodes(): object[] {
  const own = Object.keys(SOCKET_ERRORS) as ErrorCode[];
  return [...own, ...SHARED_CODES].map((code) => {
    const { sentence, when } = errorEntry(code);
    return { code, sentence, when };
  });
}
