import { randomUUID } from 'node:crypto';
import type { Access } from '../../src/auth/principal.js';
import { type AccessFixture, FOREIGN, HOME } from './access-fixture.js';

/** One call of a route. */
export interface Call {
  path: string;
  body?: unknown;
}

/** Who may call a route, and how to call it. */
export interface Rule {
  access: Access;
  /**
   * Makes what the call is about, anew each time, and says how to call it.
   * @param token of who is to call it, where it is about that caller
   */
  call: (fixture: AccessFixture, token?: string) => Call | Promise<Call>;
  /** The same call about something that does not exist; absent where a call names nothing. */
  missing?: (call: Call) => Call;
  /** The id in the address is one that the caller gives, not one of an object that must be there. */
  isIdGiven?: boolean;
  /** What those who may are answered, where it is not 200. */
  status?: number | Readonly<Partial<Record<string, number>>>;
  /** Why those who may are refused this call, where they are. */
  code?: string;
}

const INSTANCES = '/api/whatsapp/instances';
/** The id of nothing. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Whether the address names an object by an id of its own. */
export const hasId = ({ path }: Call): boolean => UUID.test(path);
/** The id in the address is one that nothing has. */
export const otherId = ({ path, body }: Call): Call => ({ path: path.replace(UUID, NOBODY), body });
/** The organization is another's. */
const otherOrganization = ({ path, body }: Call): Call => ({
  path: path.replace(/(organization_id=|organizations\/)[\w-]+/, '$1org_missing'),
  body:
    body &&
    JSON.parse(JSON.stringify(body).replace(/"organization_id":"[\w-]+"/, '"organization_id":"org_missing"')),
});

/** The same, asked for in the organization of the stranger: by its name, and where the call may leave it out, without. */
export function asOwn(call: Call): Call[] {
  const text = JSON.stringify(call);
  const named = text.replaceAll(HOME, FOREIGN);
  const unnamed = text.replace(/\?organization_id=[\w-]+/, '').replace(/"organization_id":"[\w-]+",?/, '');
  return [named, unnamed].filter((one) => one !== text).map((one) => JSON.parse(one) as Call);
}

const ofInstance = (access: Access, route: string, body?: unknown, status?: number): Rule => ({
  access,
  call: async (fixture) => ({
    path: `${INSTANCES}/${(await fixture.conversation()).instanceId}${route}`,
    body,
  }),
  missing: otherId,
  ...(status === undefined ? {} : { status }),
});

const listOf = (name: string): Rule => ({
  access: 'read',
  call: () => ({ path: `/api/${name}?organization_id=${HOME}` }),
  missing: otherOrganization,
});

const ofContact = (route: string): Rule => ({
  access: 'manage',
  call: async (fixture) => ({
    path: `/api/contacts/${(await fixture.conversation()).contactId}${route}?organization_id=${HOME}`,
  }),
  missing: (call) => otherOrganization(otherId(call)),
});

const ofNote = (access: Access, body?: object): Rule => ({
  access,
  call: async (fixture, token) => ({
    path: `/api/notes/${await fixture.note(token)}${body ? '' : `?organization_id=${HOME}`}`,
    ...(body && { body: { organization_id: HOME, ...body } }),
  }),
  missing: (call) => otherOrganization(otherId(call)),
});

/** Of a message with a picture. */
const ofMedia = (access: Access, route: string): Rule => ({
  access,
  call: async (fixture) => ({ path: `/api/messages/${await fixture.messageWithPicture()}${route}` }),
  missing: otherId,
});

const ofWebhook = (route: string, body?: unknown): Rule => ({
  access: 'manage',
  call: async (fixture) => ({ path: `/api/webhooks/${await fixture.webhook()}${route}`, body }),
  missing: otherId,
});

const ofCalendarFeed = (route: string, body?: unknown): Rule => ({
  access: 'manage',
  call: async (fixture) => ({
    path: `/api/organizations/${HOME}/calendar-feeds/${(await fixture.calendarFeed()).id}${route}`,
    body,
  }),
  missing: otherId,
});

const ofOrganization = (access: Access, route: string, body?: unknown): Rule => ({
  access,
  call: () => ({ path: `/api/organizations/${HOME}${route}`, body }),
  missing: otherOrganization,
});

/** The user of a token that is one, or somebody else. */
function userOf(token: string | undefined): string {
  const [, claims] = token?.split('.') ?? [];
  return claims === undefined
    ? randomUUID()
    : (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub;
}

/** Of an organization of which nobody is a member yet. */
const ofInvitation = (answer: string): Rule => ({
  access: 'user',
  call: async (fixture, token) => ({
    path: `/api/me/invitations/${await fixture.invitation(await fixture.organization(), userOf(token))}/${answer}`,
  }),
  missing: otherId,
});

const forEverybody = (path: string): Rule => ({ access: 'public', call: () => ({ path }) });

const signIn = (way: string, body: object): Rule => ({
  access: 'public',
  call: () => ({ path: `/api/sign-in/${way}`, body }),
  status: 404,
  code: 'sign_in_not_offered',
});

/**
 * Every route of the service. A new one has to be entered here with what it asks for; what it declares must be the same.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  'GET /health': forEverybody('/health'),
  'GET /health/live': forEverybody('/health/live'),
  'GET /health/ready': forEverybody('/health/ready'),
  'GET /api/console': forEverybody('/api/console'),
  // No provider of users is configured.
  'POST /api/sign-in/password': signIn('password', { email: 'ana@example.com', password: 'x' }),
  'POST /api/sign-in/magic-link': signIn('magic-link', { email: 'ana@example.com' }),
  'POST /api/sign-in/refresh': signIn('refresh', { refresh_token: 'x' }),
  'POST /api/sign-out': forEverybody('/api/sign-out'),

  'POST /api/whatsapp/instances': {
    access: 'manage',
    call: () => ({ path: INSTANCES, body: { organization_id: HOME, instance_name: 'New' } }),
    missing: otherOrganization,
  },
  'GET /api/whatsapp/instances': {
    access: 'read',
    call: () => ({ path: `${INSTANCES}?organization_id=${HOME}` }),
    missing: otherOrganization,
  },
  'GET /api/whatsapp/instances/:id': ofInstance('read', ''),
  'PATCH /api/whatsapp/instances/:id': ofInstance('manage', '', { instance_name: 'Renamed' }),
  'DELETE /api/whatsapp/instances/:id': ofInstance('manage', ''),
  'GET /api/whatsapp/instances/:id/logout': {
    access: 'read',
    call: async (fixture) => {
      const id = await fixture.instance();
      await fixture.do('DELETE', `${INSTANCES}/${id}`);
      return { path: `${INSTANCES}/${id}/logout` };
    },
    missing: otherId,
  },
  'POST /api/whatsapp/instances/:id/connect': ofInstance('manage', '/connect', { method: 'code' }),
  'POST /api/whatsapp/instances/:id/logout': ofInstance('manage', '/logout', {}),
  'GET /api/whatsapp/instances/:id/qr': ofInstance('manage', '/qr'),
  'GET /api/whatsapp/instances/:id/status': ofInstance('read', '/status'),
  'POST /api/whatsapp/instances/:id/send': ofInstance('send', '/send', {
    to: '5521988776655',
    message: 'hello',
  }),
  'POST /api/whatsapp/instances/:id/typing': ofInstance('send', '/typing', {
    to: '5521988776655',
    state: 'composing',
  }),
  'POST /api/whatsapp/instances/:id/presence': ofInstance('send', '/presence', { to: '5521988776655' }),
  'GET /api/whatsapp/instances/:id/numbers/:number': ofInstance('send', '/numbers/5521988776655'),
  'GET /api/whatsapp/instances/:id/history': ofInstance('read', '/history'),
  'POST /api/whatsapp/instances/:id/history': {
    access: 'send',
    call: async (fixture) => {
      const { contactId, instanceId } = await fixture.conversation();
      return { path: `${INSTANCES}/${instanceId}/history`, body: { contact_id: contactId } };
    },
    missing: otherId,
  },
  'GET /api/whatsapp/instances/:id/pacing': ofInstance('read', '/pacing'),
  'GET /api/whatsapp/instances/:id/integrity': ofInstance('read', '/integrity'),
  'GET /api/whatsapp/instances/:id/integrity/undecrypted': ofInstance('read', '/integrity/undecrypted'),

  'POST /api/contacts': {
    access: 'read',
    call: () => ({ path: '/api/contacts', body: { organization_id: HOME } }),
    missing: otherOrganization,
  },
  'GET /api/contacts': listOf('contacts'),
  'GET /api/contacts/:id': {
    access: 'read',
    // Without organization_id, which an administrator must give.
    call: async (fixture) => ({
      path: `/api/contacts/${(await fixture.conversation()).contactId}?organization_id=${HOME}`,
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'PATCH /api/contacts/:id': {
    access: 'send',
    call: async (fixture) => ({
      path: `/api/contacts/${(await fixture.conversation()).contactId}`,
      body: { organization_id: HOME, name: 'Ana from the corner' },
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'DELETE /api/contacts/:id': ofContact(''),
  'POST /api/contacts/:id/export': ofContact('/export'),
  'POST /api/contacts/:id/read': { ...ofContact('/read'), access: 'send' },
  'POST /api/contacts/:id/notes': {
    access: 'send',
    call: async (fixture) => ({
      path: `/api/contacts/${(await fixture.conversation()).contactId}/notes`,
      body: { organization_id: HOME, text: 'prefers mornings' },
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'GET /api/notes/:id': ofNote('read'),
  // By their author, who the administrator is here, or by who manages.
  'PATCH /api/notes/:id': { ...ofNote('send', { text: 'prefers evenings' }) },
  'DELETE /api/notes/:id': ofNote('send'),
  'POST /api/contacts/:id/merge': {
    access: 'send',
    call: async (fixture) => ({
      path: `/api/contacts/${(await fixture.conversation()).contactId}/merge`,
      body: { organization_id: HOME, contact_id: (await fixture.conversation()).contactId },
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'POST /api/contacts/:id/unmerge': {
    access: 'send',
    call: async (fixture) => {
      const { contactId, mergeId } = await fixture.merge();
      return {
        path: `/api/contacts/${contactId}/unmerge`,
        body: { organization_id: HOME, merge_id: mergeId },
      };
    },
    missing: (call) => otherOrganization(otherId(call)),
  },
  'GET /api/erasures': { ...listOf('erasures'), access: 'manage' },
  'GET /api/erasures/:id': {
    access: 'manage',
    call: async (fixture) => ({
      path: `/api/erasures/${await fixture.erasure()}?organization_id=${HOME}`,
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'GET /api/conversations': listOf('conversations'),
  'GET /api/groups': listOf('groups'),
  'GET /api/groups/:id': {
    access: 'read',
    call: async (fixture) => ({ path: `/api/groups/${await fixture.group()}` }),
    missing: otherId,
  },
  'GET /api/messages': listOf('messages'),
  'GET /api/messages/:id': {
    access: 'read',
    call: async (fixture) => ({ path: `/api/messages/${(await fixture.conversation()).messageId}` }),
    missing: otherId,
  },
  'GET /api/messages/:id/history': {
    access: 'read',
    call: async (fixture) => ({ path: `/api/messages/${(await fixture.conversation()).messageId}/history` }),
    missing: otherId,
  },
  // A client's message is nobody's here to change.
  'PATCH /api/messages/:id': {
    access: 'send',
    call: async (fixture) => ({
      path: `/api/messages/${(await fixture.conversation()).messageId}`,
      body: { message: 'x' },
    }),
    missing: otherId,
    status: 409,
    code: 'message_not_own',
  },
  'DELETE /api/messages/:id': {
    access: 'send',
    call: async (fixture) => ({ path: `/api/messages/${(await fixture.conversation()).messageId}` }),
    missing: otherId,
    status: 409,
    code: 'message_not_own',
  },
  // Without a file.
  'POST /api/media': {
    access: 'send',
    call: () => ({ path: `/api/media?organization_id=${HOME}` }),
    missing: otherOrganization,
    status: 415,
    code: 'unsupported_media_type',
  },
  'GET /api/messages/:id/media': ofMedia('read', '/media'),
  'GET /api/messages/:id/thumbnail': ofMedia('read', '/thumbnail'),
  'POST /api/messages/:id/media/link': ofMedia('read', '/media/link'),
  // The address is the secret.
  'GET /api/media-link': {
    access: 'public',
    call: async (fixture) => ({ path: await fixture.mediaLink() }),
  },
  'POST /api/messages/:id/media/retry': { ...ofMedia('send', '/media/retry'), status: 202 },
  'GET /api/bookings': listOf('bookings'),
  'POST /api/bookings': {
    access: 'send',
    call: async (fixture) => ({
      path: '/api/bookings',
      body: { organization_id: HOME, contact_id: (await fixture.conversation()).contactId },
    }),
    missing: otherOrganization,
  },
  'GET /api/bookings/:id': {
    access: 'read',
    call: async (fixture) => ({
      path: `/api/bookings/${(await fixture.conversation()).bookingId}?organization_id=${HOME}`,
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'PATCH /api/bookings/:id': {
    access: 'send',
    call: async (fixture) => ({
      path: `/api/bookings/${(await fixture.conversation()).bookingId}`,
      body: { organization_id: HOME, status: 'confirmed' },
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'GET /api/notes': listOf('notes'),
  'GET /api/events': listOf('events'),
  'GET /api/events/stream': listOf('events/stream'),

  'POST /api/webhooks': {
    access: 'manage',
    call: async (fixture) => {
      await fixture.placeForWebhook();
      await fixture.placeForWebhook(FOREIGN);
      return { path: '/api/webhooks', body: { organization_id: HOME, url: 'https://example.com/' } };
    },
    missing: otherOrganization,
  },
  'GET /api/webhooks': { ...listOf('webhooks'), access: 'manage' },
  'GET /api/webhooks/:id': ofWebhook(''),
  'PATCH /api/webhooks/:id': ofWebhook('', { description: 'Renamed' }),
  'DELETE /api/webhooks/:id': ofWebhook(''),
  'POST /api/webhooks/:id/rotate-secret': ofWebhook('/rotate-secret', {}),
  'POST /api/webhooks/:id/test': ofWebhook('/test'),
  'POST /api/webhooks/:id/resume': ofWebhook('/resume', {}),
  'GET /api/webhooks/:id/deliveries': ofWebhook('/deliveries'),
  'POST /api/webhooks/:id/redrive': ofWebhook('/redrive', { after: 0 }),

  'GET /api/organizations': { access: 'read', call: () => ({ path: '/api/organizations' }) },
  'POST /api/organizations': {
    access: 'admin',
    call: () => ({ path: '/api/organizations', body: { id: `org_${randomUUID()}`, name: 'New' } }),
  },
  'GET /api/organizations/:id': ofOrganization('read', ''),
  'PATCH /api/organizations/:id': ofOrganization('admin', '', { name: 'Renamed' }),
  'DELETE /api/organizations/:id': {
    access: 'admin',
    call: async (fixture) => ({ path: `/api/organizations/${await fixture.organization()}` }),
    missing: otherOrganization,
  },
  'GET /api/organizations/:id/members': ofOrganization('read', '/members'),
  'PUT /api/organizations/:id/members/:userId': {
    access: 'manage',
    call: () => ({ path: `/api/organizations/${HOME}/members/${randomUUID()}`, body: { role: 'viewer' } }),
    missing: otherOrganization,
    isIdGiven: true,
    // Administrators ask nobody.
    status: { owner: 202, homeKey: 202 },
  },
  'DELETE /api/organizations/:id/members/:userId': {
    access: 'manage',
    call: async (fixture) => ({
      path: `/api/organizations/${HOME}/members/${await fixture.member(HOME, 'viewer')}`,
    }),
    missing: otherOrganization,
  },
  'GET /api/organizations/:id/invitations': ofOrganization('manage', '/invitations'),
  'DELETE /api/organizations/:id/invitations/:invitationId': {
    access: 'manage',
    call: async (fixture) => ({
      path: `/api/organizations/${HOME}/invitations/${await fixture.invitation(HOME)}`,
    }),
    missing: (call) => otherOrganization(otherId(call)),
  },
  'GET /api/me': { access: 'token', call: () => ({ path: '/api/me' }) },
  'GET /api/me/invitations': { access: 'user', call: () => ({ path: '/api/me/invitations' }) },
  'POST /api/me/invitations/:id/accept': ofInvitation('accept'),
  'POST /api/me/invitations/:id/decline': ofInvitation('decline'),
  'DELETE /api/me/memberships/:organizationId': {
    access: 'user',
    call: async (fixture, token) => {
      const id = await fixture.organization();
      await fixture.member(id, 'viewer', userOf(token));
      return { path: `/api/me/memberships/${id}` };
    },
  },
  'GET /api/organizations/:id/api-keys': ofOrganization('manage', '/api-keys'),
  'POST /api/organizations/:id/api-keys': ofOrganization('manage', '/api-keys', {
    name: 'New',
    scopes: ['read'],
  }),
  'POST /api/organizations/:id/api-keys/:keyId/rotate': {
    access: 'manage',
    call: async (fixture) => ({
      path: `/api/organizations/${HOME}/api-keys/${(await fixture.key(HOME)).id}/rotate`,
      body: {},
    }),
    missing: otherOrganization,
  },
  'DELETE /api/organizations/:id/api-keys/:keyId': {
    access: 'manage',
    call: async (fixture) => ({
      path: `/api/organizations/${HOME}/api-keys/${(await fixture.key(HOME)).id}`,
    }),
    missing: otherOrganization,
  },

  'GET /api/organizations/:id/retention': ofOrganization('manage', '/retention'),
  'PATCH /api/organizations/:id/retention': ofOrganization('manage', '/retention', { events_days: 30 }),
  'GET /api/organizations/:id/settings': ofOrganization('read', '/settings'),
  'PATCH /api/organizations/:id/settings': ofOrganization('manage', '/settings', { languages: ['en'] }),
  'GET /api/organizations/:id/calendar-feeds': ofOrganization('manage', '/calendar-feeds'),
  'POST /api/organizations/:id/calendar-feeds': {
    access: 'manage',
    call: async (fixture) => {
      await fixture.placeForCalendarFeed();
      return { path: `/api/organizations/${HOME}/calendar-feeds`, body: { name: 'New' } };
    },
    missing: otherOrganization,
  },
  'POST /api/organizations/:id/calendar-feeds/:feedId/rotate': ofCalendarFeed('/rotate', {}),
  'DELETE /api/organizations/:id/calendar-feeds/:feedId': ofCalendarFeed(''),
  // The address is the secret.
  'GET /calendar/:file': {
    access: 'public',
    call: async (fixture) => ({ path: (await fixture.calendarFeed()).path }),
  },

  // Those who were refused would find what they had asked for.
  'GET /api/admin/audit': { access: 'manage', call: () => ({ path: '/api/admin/audit?outcome=done' }) },
  'GET /api/admin/nodes': { access: 'admin', call: () => ({ path: '/api/admin/nodes' }) },
  'GET /api/admin/leases': { access: 'admin', call: () => ({ path: '/api/admin/leases' }) },
  'GET /api/admin/inbox/dead': { access: 'admin', call: () => ({ path: '/api/admin/inbox/dead' }) },
  'GET /api/admin/throughput': { access: 'admin', call: () => ({ path: '/api/admin/throughput?minutes=2' }) },
  'GET /api/admin/queue-stats': { access: 'read', call: () => ({ path: '/api/admin/queue-stats' }) },
  'POST /api/admin/inbox/redrive': {
    access: 'manage',
    call: () => ({ path: '/api/admin/inbox/redrive', body: { organization_id: HOME } }),
    missing: otherOrganization,
  },
  'GET /api/admin/api-keys': { access: 'admin', call: () => ({ path: '/api/admin/api-keys' }) },
  'POST /api/admin/api-keys': {
    access: 'admin',
    call: () => ({ path: '/api/admin/api-keys', body: { name: 'New' } }),
  },
  'POST /api/admin/api-keys/:keyId/rotate': {
    access: 'admin',
    call: async (fixture) => ({
      path: `/api/admin/api-keys/${(await fixture.key(null)).id}/rotate`,
      body: {},
    }),
    missing: otherId,
  },
  'DELETE /api/admin/api-keys/:keyId': {
    access: 'admin',
    call: async (fixture) => ({ path: `/api/admin/api-keys/${(await fixture.key(null)).id}` }),
    missing: otherId,
  },
};

/** What clients of Socket.IO may send, and what they need for it in the organization that they name. */
export const EVENT_RULES: Readonly<Record<string, Access>> = {
  'join-organization': 'read',
  'leave-organization': 'read',
  'show-activity': 'read',
};

/**
 * Everything that requests pass beside the routes, in its order. A new one has to be entered here: it could answer by itself, so
 * decide who may call it.
 */
export const PASSED: readonly string[] = [
  '<anonymous> at everywhere', // the log
  '<anonymous> at everywhere', // one request of a connection at a time
  '<anonymous> at everywhere', // new connections first
  'tagWithRequestId at everywhere',
  'helmetMiddleware at everywhere',
  'neverStored at everywhere',
  'honourConditions at everywhere',
  'corsMiddleware at everywhere',
  'needsHost at everywhere',
  '<anonymous> at everywhere', // the gate while the service stops
  'guard at everywhere', // which pages may call
  '<anonymous> at everywhere', // the audit log
  '<anonymous> at everywhere', // rate limits
  'jsonParser at everywhere',
  'page at everywhere',
  // The page of the queue, walked on its own: administrators only, whether Redis is up, headers, the page.
  '<anonymous> at /admin/queues',
  '<anonymous> at /admin/queues',
  'headers at /admin/queues',
  'queueBoard at /admin/queues',
  // The documentation, for everybody: headers, which files, the files.
  'contentSecurityPolicyMiddleware at /api/docs',
  'docsFiles at /api/docs',
  'serveStatic at /api/docs',
  'serveStatic at /api/docs/docs',
  // The log once more, as middleware of Nest.
  'handle at {/*splat}',
  'handle at {/*splat}',
  // What answers where there is no route, and errors.
  '<anonymous> at everywhere',
  '<anonymous> at everywhere',
];
