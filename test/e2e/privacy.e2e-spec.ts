import { readFile } from 'node:fs/promises';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SecretBox } from '../../src/common/secret-box.js';
import { ErasuresRepository } from '../../src/privacy/erasures.repository.js';
import type { IngestItem } from '../../src/repositories/ingest-item.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { Scenario } from '../repositories/scenario.js';
import { findInEveryTable } from '../support/find-in-tables.js';
import { ErasureSettings } from '../../src/privacy/erasure-settings.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const PHONE = '5511977776666';
const MISSING = '11111111-1111-4111-8111-111111111111';

let http: HttpApp;
let database: OpenDatabase;
let scenario: Scenario;

beforeAll(async () => {
  http = await startHttpApp();
  database = http.app.get<OpenDatabase>(OPEN_DATABASE);
  scenario = await Scenario.create({ ...database, store: 'pglite', url: undefined });
});
afterAll(() => http.stop());

/** Messages of a person, received and routed; returns the contact's id. */
async function written(phone: string, texts: string[]): Promise<string> {
  const box = http.app.get(SecretBox);
  const jid = `${phone}@s.whatsapp.net`;
  const rows = texts.map((text) => {
    const row = scenario.row({ chat: jid, sender: jid });
    const message = Buffer.from(proto.Message.encode({ conversation: text }).finish());
    const body = box.seal(Buffer.concat([message, Buffer.of(1)]), [row.instanceId, 'inbox', row.hash]);
    return { ...row, body, attrs: { ...row.attrs, from: jid, notify: 'canary-name' } };
  });
  await scenario.commit({ inbox: rows });
  const ids = await scenario.idsOf(rows.map(({ hash }) => hash));
  const items = texts.map((content, index): IngestItem => ({
    inboxId: ids[index]!,
    action: 'client',
    reason: 'client_message',
    person: { phone },
    pushName: 'canary-name',
    messageId: rows[index]!.messageId,
    content,
    contentType: 'conversation',
    sentAt: new Date('2025-10-02T12:00:00Z'),
  }));
  await scenario.ingest(items);
  return (await scenario.contactOf(phone))!.id;
}

const of = () => `organization_id=${scenario.organizationId}`;

describe('a copy of everything', () => {
  it('comes as one file with what each kind has, and with counts', async () => {
    const id = await written(PHONE, ['canary-text 1', 'canary-text 2']);

    const answer = await http.api.call<Record<string, never>>('POST', `/api/contacts/${id}/export?${of()}`);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="contact-${id}.json"`);
    expect(answer.body).toMatchObject({
      success: true,
      format: 'auzap-contact-export/1',
      contact: { id, phone_number: PHONE, name: 'canary-name' },
      messages: [{ content: 'canary-text 1', direction: 'inbound' }, { content: 'canary-text 2' }],
      notes: [],
      bookings: [{ status: 'pending' }],
      inbox: [
        { message: { text: 'canary-text 1', content_type: 'conversation', from_me: false } },
        { message: { text: 'canary-text 2' } },
      ],
      undecrypted: [],
      events: [{ name: 'whatsapp:message', payload: { text: 'canary-text 1', from: PHONE } }, {}],
      counts: { contacts: 1, messages: 2, notes: 0, bookings: 1, inbox: 2, undecrypted: 0, events: 2 },
    });
  });

  it('is whole for thousands of messages', async () => {
    const id = await written(
      PHONE,
      Array.from({ length: 150 }, (_, index) => `more ${index}`),
    );

    const { body } = await http.api.call<{ messages: unknown[]; counts: Record<string, number> }>(
      'POST',
      `/api/contacts/${id}/export?${of()}`,
    );

    expect(body.messages).toHaveLength(152);
    expect(body.counts).toMatchObject({ messages: 152, inbox: 152, events: 152 });
  });

  it.each(['export', ''])('is nothing of a contact that does not exist: %s', async (what) => {
    const [method, path] = what === '' ? ['DELETE', ''] : ['POST', '/export'];

    const answer = await http.api.call(method, `/api/contacts/${MISSING}${path}?${of()}`);

    expect(answer).toMatchObject({ status: 404, body: { success: false, code: 'contact_not_found' } });
  });
});

describe('being forgotten', () => {
  it('answers a receipt, which stays, and leaves nothing in tables or log', async () => {
    const id = await written(PHONE, ['canary-last']);
    await http.api.call('GET', `/api/contacts?${of()}&phone_number=${PHONE}`);

    const answer = await http.api.call<{ receipt: { id: string } }>('DELETE', `/api/contacts/${id}?${of()}`);

    expect(answer).toMatchObject({
      status: 200,
      body: {
        success: true,
        receipt: {
          organization_id: scenario.organizationId,
          contact_id: id,
          erased_at: expect.any(String),
          counts: { contacts: 1, messages: 153, inbox: 153, events: 153, bookings: 1 },
        },
      },
    });
    const { receipt } = answer.body;
    expect((await http.api.call('GET', `/api/erasures/${receipt.id}?${of()}`)).body).toEqual({
      success: true,
      receipt,
    });
    expect((await http.api.call('GET', `/api/erasures?${of()}`)).body).toEqual({
      success: true,
      erasures: [receipt],
      next_cursor: null,
      previous_cursor: expect.any(String),
    });
    expect((await http.api.call('DELETE', `/api/contacts/${id}?${of()}`)).body).toEqual({
      success: true,
      receipt,
    });
    expect((await http.api.call('GET', `/api/contacts/${id}?${of()}`)).status).toBe(404);
    expect((await http.api.call('GET', `/api/erasures/${MISSING}?${of()}`)).body).toMatchObject({
      code: 'erasure_not_found',
    });
    const log = await readFile(http.logFile, 'utf8');
    for (const trace of ['canary', PHONE]) {
      expect(await findInEveryTable(database, trace)).toEqual([]);
      expect(log).not.toContain(trace);
    }
    expect(log).toContain('contact erased');
  });

  it('leaves the places of its events for replay', async () => {
    const answer = await http.api.call<{ events: { payload: object }[] }>(
      'GET',
      `/api/events?${of()}&limit=500`,
    );

    expect(answer.body).toMatchObject({ last_sequence: 153, oldest_sequence: 1 });
    expect(answer.body.events.every(({ payload }) => 'erased' in payload)).toBe(true);
  });
});

describe('retention', () => {
  const path = () => `/api/organizations/${scenario.organizationId}/retention`;

  it('is read and changed, field by field', async () => {
    expect((await http.api.call('GET', path())).body).toMatchObject({
      retention: {
        organization_id: scenario.organizationId,
        messages_days: null,
        events_days: 90,
        updated_at: null,
      },
    });

    const changed = await http.api.call('PATCH', path(), { messages_days: 365, events_days: null });

    expect(changed).toMatchObject({
      status: 200,
      body: {
        retention: { messages_days: 365, events_days: null, inbox_days: 90, updated_at: expect.any(String) },
      },
    });
    expect((await http.api.call('GET', path())).body).toEqual(changed.body);
  });

  it.each([
    [{ messages_days: 0 }, 'messages_days'],
    [{ messages_days: 1.5 }, 'messages_days'],
    [{ messages_days: '5' }, 'messages_days'],
    [{ inbox_days: 30 }, 'inbox_days'],
    [{ audit_days: 1 }, 'audit_days'],
    [{ audit_days: 30 }, 'audit_days'],
    [{ audit_days: 364 }, 'audit_days'],
    [{ inbox_bodies_days: null }, 'inbox_bodies_days'],
    [{ inbox_bodies_days: 91 }, 'inbox_bodies_days'],
    [{ organization_id: 'org_other' }, 'organization_id'],
  ])('refuses %j', async (body, field) => {
    expect(await http.api.call('PATCH', path(), body)).toMatchObject({
      status: 400,
      body: { details: [{ path: field }] },
    });
  });

  it('keeps the audit log for as long as the operator says, also where less was set before', async () => {
    for (const days of [365, 400, null]) {
      expect((await http.api.call('PATCH', path(), { audit_days: days })).body).toMatchObject({
        retention: { audit_days: days },
      });
    }
    await database.sql('update retention_settings set audit_days = 30 where organization_id = $1::text', [
      scenario.organizationId,
    ]);

    expect((await http.api.call('GET', path())).body).toMatchObject({ retention: { audit_days: 365 } });
  });

  it('is nobody\u2019s where there is no such organization', async () => {
    const answer = await http.api.call('PATCH', '/api/organizations/org_missing/retention', {
      events_days: 5,
    });

    expect(answer).toMatchObject({ status: 404, body: { code: 'organization_not_found' } });
  });

  it('says so when events that a subscriber does not have are gone', async () => {
    await database.sql('delete from events where organization_id = $1::text and sequence <= 20', [
      scenario.organizationId,
    ]);
    const after = (sequence: number) => http.api.call('GET', `/api/events?${of()}&limit=1&after=${sequence}`);

    expect(await after(7)).toMatchObject({ status: 410, body: { code: 'events_expired' } });
    expect((await after(7)).body['error']).toContain('go on with after=20.');
    expect(await after(20)).toMatchObject({
      status: 200,
      body: { events: [{ sequence: 21 }], oldest_sequence: 21 },
    });
    expect(await after(0)).toMatchObject({ status: 200, body: { events: [{ sequence: 21 }] } });
    expect(await after(153)).toMatchObject({ status: 200, body: { events: [], last_sequence: 153 } });
  });
});

describe('an erasure that takes long', () => {
  it('is answered before it is over where it takes long, goes on by itself, and tells how far it is', async () => {
    const id = await written('5511955554444', ['canary-slow']);
    const settings = http.app.get(ErasureSettings);
    const { answerWithinMs } = settings;
    settings.answerWithinMs = 0;
    const erasures = http.app.get(ErasuresRepository, { strict: false });
    const { promise: answered, resolve: go } = Promise.withResolvers<void>();
    const step = erasures.eraseStep.bind(erasures);
    const held = vi.spyOn(erasures, 'eraseStep').mockImplementation(async (...args) => {
      await answered;
      return step(...args);
    });

    const answer = await http.api.call<{ receipt: { id: string }; status_url: string }>(
      'DELETE',
      `/api/contacts/${id}?${of()}`,
    );
    settings.answerWithinMs = answerWithinMs;
    go();
    held.mockRestore();

    const { receipt, status_url } = answer.body;
    expect(answer).toMatchObject({
      status: 202,
      body: { success: true, receipt: { contact_id: id, erased_at: null }, status_url: expect.any(String) },
    });
    expect(status_url).toBe(`/api/erasures/${receipt.id}?organization_id=${scenario.organizationId}`);
    await expect
      .poll(async () => (await http.api.call('GET', status_url)).body)
      .toMatchObject({ success: true, receipt: { erased_at: expect.any(String), counts: { messages: 1 } } });
    // As a call that comes later.
    expect(await http.api.call('DELETE', `/api/contacts/${id}?${of()}`)).toMatchObject({
      status: 200,
      body: { receipt: { id: receipt.id, counts: { contacts: 1, messages: 1 } } },
    });
  });
});
