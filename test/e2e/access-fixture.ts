import { randomInt, randomUUID } from 'node:crypto';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import type { ApiAnswer } from '../support/api-client.js';
import { claimsOf, hmac, IdentityProvider, tokenOf } from '../support/identity-provider.js';
import { storePicture } from './stored-picture.js';
import { type HttpApp, startHttpApp } from './http-app.js';

export const ADMIN_KEY = 'an-admin-key-that-is-long-enough-0123456789';
const JWT_SECRET = 'a-shared-secret-of-an-older-project-0123456789';

/** The walk calls more often, and with more wrong tokens, than anybody may; its answers must not differ by how often. */
const UNLIMITED = {
  RATE_LIMIT_KEY: '0',
  RATE_LIMIT_ORGANIZATION: '0',
  RATE_LIMIT_ADDRESS: '0',
  RATE_LIMIT_FAILED_AUTH: '0',
  RATE_LIMIT_SIGN_IN: '0',
};

/** The organization whose objects everybody wants, one that is not theirs, and one that does not exist. */
export const HOME = 'org_home';
export const FOREIGN = 'org_foreign';
export const MISSING = 'org_missing';

/** A user's token of the older kind. */
export const userToken = (
  userId: string,
  changes: Record<string, unknown> = {},
  secret: string = JWT_SECRET,
) => tokenOf({ alg: 'HS256' }, claimsOf(userId, changes), hmac(secret));

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** What the answers hold that tests read. */
interface Answer {
  key: string;
  api_key: { id: string };
  organizations: object[];
  messages: object[];
  next_cursor: string;
}

/** A service that wants to know who calls, two organizations with members and keys, and something to read in the first. */
export class AccessFixture {
  private constructor(
    readonly http: HttpApp,
    readonly provider: IdentityProvider,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<AccessFixture> {
    const provider = await IdentityProvider.start();
    const http = await startHttpApp({
      AUTH_MODE: 'required',
      ADMIN_API_KEY: ADMIN_KEY,
      SUPABASE_JWT_SECRET: JWT_SECRET,
      SUPABASE_JWKS_URL: provider.url,
      ...UNLIMITED,
      ...environment,
    });
    const fixture = new AccessFixture(http, provider);
    await fixture.organization(HOME);
    await fixture.organization(FOREIGN);
    return fixture;
  }

  get database(): OpenDatabase {
    return this.http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  }

  /** @returns what the holder of a token is answered, whatever it is */
  call(method: string, path: string, token: string, body?: unknown): Promise<ApiAnswer<Answer>> {
    return this.http.api.call<Answer>(method, path, body, bearer(token));
  }

  /** Whether a token is worth anything. */
  async mayRead(token: string): Promise<boolean> {
    return (await this.call('GET', '/api/organizations', token)).status === 200;
  }

  /** As the administrator; fails unless it is answered with 200. */
  async do<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.http.api.call<Body>(method, path, body, bearer(ADMIN_KEY));
    if (answer.status !== 200) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  async organization(id = `org_${randomUUID()}`): Promise<string> {
    await this.do('POST', '/api/organizations', { id });
    return id;
  }

  async member(organizationId: string, role: string, userId: string = randomUUID()): Promise<string> {
    await this.do('PUT', `/api/organizations/${organizationId}/members/${userId}`, { role });
    return userId;
  }

  /** @returns the id of an invitation that waits for the user's answer */
  async invitation(organizationId: string, userId: string = randomUUID()): Promise<string> {
    const { key } = await this.key(organizationId);
    const path = `/api/organizations/${organizationId}/members/${userId}`;
    const { body } = await this.http.api.call<{ invitation: { id: string } }>(
      'PUT',
      path,
      { role: 'viewer' },
      bearer(key),
    );
    return body.invitation.id;
  }

  /** @returns a key of an organization, or of the whole service where there is none */
  async key(
    organizationId: string | null,
    scopes: string[] = ['read', 'send', 'manage'],
  ): Promise<{ id: string; key: string }> {
    const path =
      organizationId === null ? '/api/admin/api-keys' : `/api/organizations/${organizationId}/api-keys`;
    const input = organizationId === null ? {} : { scopes };
    const made = await this.do<{ api_key: { id: string }; key: string }>('POST', path, {
      name: 'test',
      ...input,
    });
    return { id: made.api_key.id, key: made.key };
  }

  /** A connected instance with a contact, a message, a booking and a note. */
  async conversation(
    organizationId = HOME,
  ): Promise<{ instanceId: string; contactId: string; messageId: string; bookingId: string }> {
    const instanceId = await this.instance(organizationId);
    this.http.sessions.connected.add(instanceId);
    this.http.sessions.qrs.set(instanceId, { qr: 'scan me', issuedAt: new Date() });
    const ids = { contact: randomUUID(), message: randomUUID(), booking: randomUUID() };
    await this.database.sql(
      `with contact as (
        insert into contacts (id, organization_id, phone_number, name) values ($1::text::uuid, $2::text, $3::text, 'Ana')
      ), message as (
        insert into messages (id, organization_id, contact_id, instance_id, direction, content, chat_key, status)
          values ($4::text::uuid, $2::text, $1::text::uuid, $5::text::uuid, 'inbound', 'hello', $1::text, 'received')
      ), booking as (
        insert into bookings (id, organization_id, contact_id, instance_id)
          values ($6::text::uuid, $2::text, $1::text::uuid, $5::text::uuid)
      )
      insert into notes (organization_id, contact_id, instance_id, content, whatsapp_message_id, chat_key)
        values ($2::text, $1::text::uuid, $5::text::uuid, 'a note', $4::text, $1::text)`,
      [
        ids.contact,
        organizationId,
        String(randomInt(10 ** 11, 10 ** 12)),
        ids.message,
        instanceId,
        ids.booking,
      ],
    );
    return { instanceId, contactId: ids.contact, messageId: ids.message, bookingId: ids.booking };
  }

  /** @returns the id of a note that is of whoever has the token, as far as that may write one */
  async note(token = ADMIN_KEY, organizationId = HOME): Promise<string> {
    const { contactId } = await this.conversation(organizationId);
    const write = (by: string) =>
      this.http.api.call<{ note: { id: string } }>(
        'POST',
        `/api/contacts/${contactId}/notes`,
        { organization_id: organizationId, text: 'prefers mornings' },
        bearer(by),
      );
    const written = await write(token);
    return (written.status === 200 ? written : await write(ADMIN_KEY)).body.note.id;
  }

  /** @returns a contact, and the merge by which another one became part of it */
  async merge(organizationId = HOME): Promise<{ contactId: string; mergeId: string }> {
    const { contactId } = await this.conversation(organizationId);
    const other = await this.conversation(organizationId);
    const merged = await this.do<{ merge_id: string }>('POST', `/api/contacts/${contactId}/merge`, {
      organization_id: organizationId,
      contact_id: other.contactId,
    });
    return { contactId, mergeId: merged.merge_id };
  }

  /** @returns the id of a group with one member, and a message of his */
  async group(organizationId = HOME, ofInstance?: string): Promise<string> {
    const instanceId = ofInstance ?? (await this.instance(organizationId));
    const id = randomUUID();
    await this.database.sql(
      `with made as (
        insert into groups (id, organization_id, instance_id, jid, subject)
          values ($1::text::uuid, $2::text, $3::text::uuid, $1::text || '@g.us', 'Neighbours')
          returning id, organization_id, instance_id
      ), member as (
        insert into group_members (organization_id, group_id, lid) select m.organization_id, m.id, '123' from made m
      )
      insert into messages (organization_id, instance_id, direction, content, chat_key, status, group_id, sender_lid)
        select m.organization_id, m.instance_id, 'inbound', 'to all', m.id::text, 'received', m.id, '123' from made m`,
      [id, organizationId, instanceId],
    );
    return id;
  }

  /** @returns the id of a message with a picture that is stored */
  async messageWithPicture(organizationId = HOME): Promise<string> {
    const { messageId } = await this.conversation(organizationId);
    await storePicture(this.http.app, this.database.sql.bind(this.database), organizationId, messageId);
    return messageId;
  }

  /** A message of the instance that could not be routed. */
  async deadMessage(instanceId: string, organizationId = HOME): Promise<void> {
    await this.database.sql(
      `insert into inbox (organization_id, instance_id, message_id, chat, sender, hash, state)
        values ($1::text, $2::text::uuid, 'M', 'chat', 'sender', $3::text, 2)`,
      [organizationId, instanceId, randomUUID()],
    );
  }

  /** @returns the receipt of a contact that was erased */
  async erasure(organizationId = HOME): Promise<string> {
    const { contactId } = await this.conversation(organizationId);
    const path = `/api/contacts/${contactId}?organization_id=${organizationId}`;
    return (await this.do<{ receipt: { id: string } }>('DELETE', path)).receipt.id;
  }

  /** @returns the id of a webhook that leads nowhere, one of the few that an organization has at a time */
  async webhook(organizationId = HOME): Promise<string> {
    await this.placeForWebhook(organizationId);
    const { webhook } = await this.do<{ webhook: { id: string } }>('POST', '/api/webhooks', {
      organization_id: organizationId,
      url: 'https://example.com/',
    });
    await this.database.sql(
      `update webhook_endpoints set url = 'http://127.0.0.1:9/' where id = $1::text::uuid`,
      [webhook.id],
    );
    return webhook.id;
  }

  /** So that there may be one more. */
  async placeForWebhook(organizationId = HOME): Promise<void> {
    await this.database.sql(
      `delete from webhook_endpoints where id in (
        select id from webhook_endpoints where organization_id = $1::text order by created_at desc offset 10
      )`,
      [organizationId],
    );
  }

  /** @returns the path of a link to a file, which needs no token */
  async mediaLink(): Promise<string> {
    const id = await this.messageWithPicture();
    const { link } = await this.do<{ link: { url: string } }>('POST', `/api/messages/${id}/media/link`);
    return link.url;
  }

  /** @returns a calendar feed, one of the few that an organization has at a time */
  async calendarFeed(organizationId = HOME): Promise<{ id: string; path: string }> {
    await this.placeForCalendarFeed(organizationId);
    const { calendar_feed: feed, path } = await this.do<{ calendar_feed: { id: string }; path: string }>(
      'POST',
      `/api/organizations/${organizationId}/calendar-feeds`,
      {},
    );
    return { id: feed.id, path };
  }

  /** So that there may be one more. */
  async placeForCalendarFeed(organizationId = HOME): Promise<void> {
    await this.database.sql(
      `delete from calendar_feeds where id in (
        select id from calendar_feeds where organization_id = $1::text order by created_at desc offset 10
      )`,
      [organizationId],
    );
  }

  /** @returns the id of a service that may be booked */
  async service(organizationId = HOME): Promise<string> {
    const { settings } = await this.do<{ settings: { services: { id: string }[] } }>(
      'PATCH',
      `/api/organizations/${organizationId}/settings`,
      { services: [{ name: 'Haircut', duration_minutes: 45 }] },
    );
    return settings.services[0]!.id;
  }

  async instance(organizationId = HOME): Promise<string> {
    const made = await this.do<{ instance: { id: string } }>('POST', '/api/whatsapp/instances', {
      organization_id: organizationId,
      instance_name: 'Main WhatsApp',
      phone_number: '5511999887766',
    });
    return made.instance.id;
  }

  async stop(): Promise<void> {
    await this.http.stop();
    await this.provider.stop();
  }
}
