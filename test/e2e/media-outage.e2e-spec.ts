import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaCleaner } from '../../src/media-store/media-cleaner.js';
import { MediaStoreSettings } from '../../src/media-store/media-settings.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { DISTANT_PLACES, type DistantPlace } from '../support/media-places.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';
/** The pauses of the service grow while a store is away. */
const PATIENCE = { timeout: 90_000, interval: 250 };
const LIMIT_MS = 240_000;
const pdf = () => Buffer.concat([Buffer.from('%PDF-1.7\n%âãÏÓ\n'), randomBytes(50_000)]);

describe.each(Object.keys(DISTANT_PLACES))(
  'files in a store of kind %s that goes away and comes back',
  (kind) => {
    let simulator: WhatsAppSimulator;
    let place: DistantPlace;
    let service: TestService;
    let events: EventCollector;
    let owner: Phone;
    let client: Phone;
    let instanceId: string;

    beforeAll(async () => {
      place = await DISTANT_PLACES[kind]!();
      simulator = await WhatsAppSimulator.start({});
      service = await startTestService(simulator, place.environment);
      owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
      client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
      instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
      events = await listen(service.url, ORGANIZATION);
      await owner.types(await service.api.pairingCode(instanceId));
      await events.next('whatsapp:connected');
      const shortened = { removeLeaseMs: 1_000, lookMs: 100, lookAwayMs: 100 };
      Object.assign(service.service.app.get(MediaStoreSettings, { strict: false }), shortened);
    }, LIMIT_MS);
    afterAll(async () => {
      events?.close();
      await service?.stop();
      await simulator?.stop();
      await place?.stop();
    });

    const sql: OpenDatabase['sql'] = (...args) =>
      (place.sql ?? service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false }).sql)(...args);

    /** @returns the id of the message once it is told of */
    async function receive(bytes: Buffer, fileName: string): Promise<string> {
      const { id } = await client.writes(owner, { document: { file: bytes, fileName } });
      await events.next('whatsapp:message', ({ messageId }) => messageId === id);
      const { rows } = await sql('select id from messages where whatsapp_message_id = $1::text', [id]);
      return String(rows[0]!['id']);
    }

    async function media(id: string): Promise<Response> {
      return fetch(`${service.url}/api/messages/${id}/media`);
    }

    async function upload(bytes: Buffer) {
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(bytes)]), 'menu.pdf');
      const path = `${service.url}/api/media?organization_id=${ORGANIZATION}`;
      const response = await fetch(path, { method: 'POST', body: form });
      return {
        status: response.status,
        body: (await response.json()) as { code?: string; media?: { id: string } },
      };
    }

    const send = (mediaId: string) =>
      service.api.call<{ message_id: string; whatsapp_message_id: string }>(
        'POST',
        `/api/whatsapp/instances/${instanceId}/send`,
        { to: client.number, type: 'document', media: { id: mediaId } },
      );

    it('are received and sent while it is there', { timeout: LIMIT_MS }, async () => {
      const bytes = pdf();
      const id = await receive(bytes, 'there.pdf');
      await events.next('whatsapp:media', (payload) => payload.id === id && payload.state === 'ready');

      expect(Buffer.from(await (await media(id)).arrayBuffer())).toEqual(bytes);
      const part = await fetch(`${service.url}/api/messages/${id}/media`, {
        headers: { range: 'bytes=5-9' },
      });
      expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(5, 10));

      const own = pdf();
      const sent = await send((await upload(own)).body.media!.id);
      expect(sent.status).toBe(200);
      const message = await client.receives((one) => one.id === sent.body.whatsapp_message_id);
      expect(await client.opens(message)).toEqual(own);
    });

    it('wait, delay no message, and none is lost', { timeout: LIMIT_MS }, async () => {
      const uploaded = await upload(pdf());
      await place.leave();

      const [first, second] = [pdf(), pdf()];
      const ids = [await receive(first, 'first.pdf'), await receive(second, 'second.pdf')];
      const text = await client.writes(owner, 'Bom dia');
      await events.next('whatsapp:message', ({ messageId }) => messageId === text.id);
      const tried = () =>
        sql(`select count(*)::int as n from message_media where error = 'media_not_stored'`);
      await expect.poll(async () => (await tried()).rows[0]!['n'], PATIENCE).toBe(2);
      expect(await upload(pdf())).toMatchObject({ status: 503, body: { code: 'media_store_unavailable' } });
      const sending = send(uploaded.body.media!.id);

      await place.comeBack();

      expect((await sending).status).toBe(200);
      await expect
        .poll(async () => Promise.all(ids.map(async (id) => (await media(id)).status)), PATIENCE)
        .toEqual([200, 200]);
      expect(Buffer.from(await (await media(ids[0]!)).arrayBuffer())).toEqual(first);
      expect(Buffer.from(await (await media(ids[1]!)).arrayBuffer())).toEqual(second);
      const { rows } = await sql('select max(attempts) as most from message_media');
      expect(Number(rows[0]!['most'])).toBe(1);
    });

    it('are not given while it is away, and are afterwards', { timeout: LIMIT_MS }, async () => {
      const id = await receive(pdf(), 'given.pdf');
      await expect.poll(async () => (await media(id)).status, PATIENCE).toBe(200);
      await place.leave();

      const answer = await media(id);

      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'media_store_unavailable' });
      await place.comeBack();
      expect((await media(id)).status).toBe(200);
    });

    it('are missing in the health of the service while it is away, which does all else', async () => {
      const ready = async () => {
        const { status, body } = await service.api.call('GET', '/health/ready');
        return { http: status, ...body };
      };
      await expect
        .poll(ready)
        .toMatchObject({ http: 200, status: 'ready', checks: { media_store: { status: 'up', kind } } });
      await place.leave();

      await expect.poll(ready).toMatchObject({
        http: 200,
        status: 'degraded',
        checks: { media_store: { status: 'down', kind, since: expect.any(String) as string } },
      });
      await place.comeBack();
      await expect.poll(ready).toMatchObject({ status: 'ready', checks: { media_store: { status: 'up' } } });
    });

    it('are removed with the person, once it is back', { timeout: LIMIT_MS }, async () => {
      await sql('update media_files set expires_at = now() where expires_at is not null');
      expect((await place.keys()).length).toBeGreaterThan(3);
      const { rows } = await sql('select id from contacts');
      await place.leave();

      const erased = await Promise.all(
        rows.map(({ id }) =>
          service.api.call('DELETE', `/api/contacts/${String(id)}?organization_id=${ORGANIZATION}`),
        ),
      );

      expect(erased.map(({ status }) => status)).toEqual(
        rows.map(() => expect.toBeOneOf([200, 202]) as number),
      );
      const left = async () => (await sql('select count(*)::int as n from message_media')).rows[0]!['n'];
      await expect.poll(left, PATIENCE).toBe(0);
      await service.service.app.get(MediaCleaner, { strict: false }).run();
      expect((await sql('select id from media_files')).rows.length).toBeGreaterThan(3);
      await place.comeBack();

      await expect.poll(() => place.keys(), PATIENCE).toEqual([]);
      await expect.poll(async () => (await sql('select id from media_files')).rows, PATIENCE).toEqual([]);
      expect((await sql('select bytes from media_usage')).rows.map(({ bytes }) => Number(bytes))).toEqual([
        0,
      ]);
    });
  },
);
