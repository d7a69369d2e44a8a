import { expect } from 'vitest';
import type { RawAnswer, Tenant } from '../support/tenant.js';

/** Things that a tenant names, which are another's or do not exist. */
export interface NamedObjects {
  organization: string;
  instance: string;
  contact: string;
  message: string;
  key: string;
  erasure: string;
  member: string;
}

type Call = [method: string, path: string, body?: unknown];

const BY_CALL = /^(date|etag|x-request-id|ratelimit.*|retry-after)$/;

/** @returns every way to name them: in path, query and body */
function callsOn(named: NamedObjects): Call[] {
  const { organization, instance, contact, message, key, erasure, member } = named;
  const instancePath = `/api/whatsapp/instances/${instance}`;
  const organizationPath = `/api/organizations/${organization}`;
  const query = `organization_id=${organization}`;
  const lists = ['contacts', 'messages', 'bookings', 'notes', 'events', 'erasures', 'whatsapp/instances'];
  return [
    ['GET', instancePath],
    ['PATCH', instancePath, { instance_name: 'mine now' }],
    ['DELETE', instancePath],
    ['POST', `${instancePath}/connect`, { method: 'code' }],
    ['GET', `${instancePath}/qr`],
    ['GET', `${instancePath}/status`],
    ['POST', `${instancePath}/send`, { to: '5521988776655', message: 'hello' }],
    ['GET', `${instancePath}/integrity`],
    ['GET', `${instancePath}/integrity/undecrypted`],
    ['POST', '/api/whatsapp/instances', { organization_id: organization, instance_name: 'x' }],
    ['GET', `/api/contacts/${contact}`],
    ['GET', `/api/contacts/${contact}?${query}`],
    ['POST', `/api/contacts/${contact}/export`],
    ['POST', `/api/contacts/${contact}/export?${query}`],
    ['DELETE', `/api/contacts/${contact}`],
    ['DELETE', `/api/contacts/${contact}?${query}`],
    ['POST', '/api/contacts', { organization_id: organization }],
    ['GET', `/api/messages/${message}`],
    ['GET', `/api/messages?instance_id=${instance}`],
    ['GET', `/api/messages?contact_id=${contact}`],
    ['GET', `/api/erasures/${erasure}`],
    ...lists.map((name): Call => ['GET', `/api/${name}?${query}`]),
    ['GET', `/api/events?${query}&after=0`],
    ['GET', `/api/events?${query}&after=1000000&wait=60`],
    ['GET', `/api/events/stream?${query}&after=0`],
    ['GET', organizationPath],
    ['PATCH', organizationPath, { name: 'mine now' }],
    ['DELETE', organizationPath],
    ['GET', `${organizationPath}/members`],
    ['PUT', `${organizationPath}/members/${member}`, { role: 'owner' }],
    ['DELETE', `${organizationPath}/members/${member}`],
    ['GET', `${organizationPath}/api-keys`],
    ['POST', `${organizationPath}/api-keys`, { name: 'x', scopes: ['read'] }],
    ['POST', `${organizationPath}/api-keys/${key}/rotate`, {}],
    ['DELETE', `${organizationPath}/api-keys/${key}`],
    ['GET', `${organizationPath}/retention`],
    ['PATCH', `${organizationPath}/retention`, { events_days: 1 }],
    ['GET', `/api/admin/audit?${query}`],
    ['POST', '/api/admin/inbox/redrive', { organization_id: organization }],
  ];
}

/**
 * A tenant reaches for what is another's, and for what nobody has, by its keys and by its user.
 * @returns how many calls it made; fails where the answers tell the one from the other
 */
export async function attemptCrossTenantAccess(
  intruder: Tenant,
  foreign: NamedObjects,
  unknown: NamedObjects,
): Promise<number> {
  const pairs = callsOn(foreign).map((call, index) => [call, callsOn(unknown)[index]!] as const);
  for (const token of [undefined, intruder.token]) {
    await Promise.all(
      pairs.map(async ([real, nothing]) => {
        const [one, other] = await Promise.all(
          [real, nothing].map(([method, path, body]) => intruder.ask(method, path, body, {}, token)),
        );
        const isList = /\?(instance|contact)_id=/.test(real[1]);
        expect(isList ? [200] : [403, 404], `${real[0]} ${real[1]}`).toContain(one!.status);
        expect(withoutCall(one!), `${real[0]} ${real[1]}`).toEqual(withoutCall(other!));
      }),
    );
  }
  await reachBySocket(intruder, foreign.organization, unknown.organization);
  return 4 * pairs.length;
}

/** Pages of another's lists, whose cursors are not secret. */
export async function followCursor(intruder: Tenant, path: string): Promise<void> {
  const { status, text } = await intruder.ask('GET', path);
  expect([200, 400], text).toContain(status);
}

async function reachBySocket(intruder: Tenant, foreign: string, unknown: string): Promise<void> {
  for (const socket of intruder.sockets.filter((one) => one.socket.connected)) {
    const answer = await intruder.emit(socket, 'join-organization', foreign);
    expect(answer).toMatchObject({ success: false, code: 'organization_forbidden' });
    expect(await intruder.emit(socket, 'join-organization', unknown)).toEqual(answer);
  }
}

/** What of an answer may not depend on what was asked for. */
function withoutCall({ status, headers, text }: RawAnswer): RawAnswer {
  const kept = Object.entries(headers).filter(([name]) => !BY_CALL.test(name));
  return {
    status,
    headers: Object.fromEntries(kept),
    text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
  };
}
