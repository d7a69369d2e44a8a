import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaCleaner } from '../../src/media-store/media-cleaner.js';
import { fileKey } from '../../src/media-store/media-keys.js';
import { RetentionRepository } from '../../src/privacy/retention.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { MEDIA_PLACES, type MediaPlace } from '../support/media-places.js';
import { type TestService, startTestService } from '../support/test-service.js';

const LIMIT_MS = 120_000;
const KB = 1024;
const pdf = (size: number) => Buffer.concat([Buffer.from('%PDF-1.7\n%âãÏÓ\n'), randomBytes(size)]);

/** An organization with a number. */
interface Business {
  organizationId: string;
  owner: Phone;
  events: EventCollector;
}

interface Told {
  id: string;
  state: string;
  error?: string;
}

describe.each(Object.keys(MEDIA_PLACES))('what is kept in a store of kind %s', (kind) => {
  let simulator: WhatsAppSimulator;
  let place: MediaPlace;
  let service: TestService;
  let client: Phone;
  let shop: Business;
  let other: Business;
  /** Of the shop: 600 KB, whose place is taken, and 600 KB, for which there is none. */
  const [kept, refused] = [pdf(600 * KB), pdf(600 * KB)];
  let keptId: string;
  let refusedId: string;

  beforeAll(async () => {
    place = await MEDIA_PLACES[kind]!();
    simulator = await WhatsAppSimulator.start({});
    service = await startTestService(simulator, { MEDIA_QUOTA_MB: '1', ...place.environment });
    client = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
    shop = await business('org_shop', '5511999887766');
    other = await business('org_other', '5511999887755');
  }, LIMIT_MS);
  afterAll(async () => {
    shop?.events.close();
    other?.events.close();
    await service?.stop();
    await simulator?.stop();
    await place?.stop();
  });

  async function business(organizationId: string, number: string): Promise<Business> {
    const owner = simulator.addPhone({ number, name: 'Owner' });
    const instanceId = await service.api.createInstance(organizationId, number);
    const events = await listen(service.url, organizationId);
    await owner.types(await service.api.pairingCode(instanceId));
    await events.next('whatsapp:connected');
    return { organizationId, owner, events };
  }

  async function receive({ organizationId, owner, events }: Business, bytes: Buffer): Promise<Told> {
    const { id: name } = await client.writes(owner, { document: { file: bytes, fileName: 'menu.pdf' } });
    const { id } = await service.api.messageNamed(organizationId, name);
    const { state, error } = await events.next('whatsapp:media', (event) => event.id === id);
    return { id, state, ...(error !== undefined && { error }) };
  }

  async function upload({ organizationId }: Business, bytes: Buffer) {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)]), 'menu.pdf');
    const path = `${service.url}/api/media?organization_id=${organizationId}`;
    const response = await fetch(path, { method: 'POST', body: form });
    return { status: response.status, body: (await response.json()) as object };
  }

  const sql: OpenDatabase['sql'] = (...args) =>
    (place.sql ?? service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false }).sql)(...args);
  const media = (id: string) => fetch(`${service.url}/api/messages/${id}/media`);
  const usage = async ({ organizationId }: Business) => {
    const { rows } = await sql('select bytes from media_usage where organization_id = $1::text', [
      organizationId,
    ]);
    return Number(rows[0]?.['bytes'] ?? 0);
  };
  const keysOf = async ({ organizationId }: Business) => {
    const [folder] = fileKey({ organizationId, fileId: '-' }).split('/');
    return (await place.keys()).filter((key) => key.startsWith(`${folder}/`));
  };

  async function keepMessages({ organizationId }: Business, days: number): Promise<void> {
    const path = `/api/organizations/${organizationId}/retention`;
    expect((await service.api.call('PATCH', path, { messages_days: days })).status).toBe(200);
  }

  /** All messages of an organization but the one whose file was refused. */
  const grow31DaysOlder = ({ organizationId }: Business) =>
    sql(
      `update messages set created_at = created_at - interval '31 days'
         where organization_id = $1::text and id <> $2::text::uuid`,
      [organizationId, refusedId],
    );

  /** As the service does from time to time, once uploads wait no longer to be sent. */
  async function sweep(): Promise<void> {
    await sql('update media_files set expires_at = now() where expires_at is not null');
    const retention = service.service.app.get(RetentionRepository, { strict: false });
    for (let isOver = false; !isOver;) {
      isOver = (await retention.sweep(undefined, 100, 0))!.isOver;
    }
    await service.service.app.get(MediaCleaner, { strict: false }).run();
  }

  it('is no more than the quota of an organization', { timeout: LIMIT_MS }, async () => {
    const first = await receive(shop, kept);
    const second = await receive(shop, refused);

    expect([first.state, second]).toEqual([
      'ready',
      { id: second.id, state: 'skipped', error: 'media_quota_exceeded' },
    ]);
    expect(await upload(shop, pdf(600 * KB))).toMatchObject({ body: { code: 'media_quota_exceeded' } });
    expect([await keysOf(shop), await usage(shop)]).toEqual([[expect.any(String)], kept.length]);
    [keptId, refusedId] = [first.id, second.id];
  });

  it(
    'counts the same bytes once, and those of each organization for itself',
    { timeout: LIMIT_MS },
    async () => {
      expect((await receive(shop, kept)).state).toBe('ready');
      expect((await upload(shop, kept)).status).toBe(200);
      expect((await receive(other, kept)).state).toBe('ready');

      expect([await usage(shop), await usage(other)]).toEqual([kept.length, kept.length]);
      expect([(await keysOf(shop)).length, (await keysOf(other)).length]).toEqual([1, 1]);
    },
  );

  it(
    'goes with the messages that an organization keeps no longer, and makes room',
    { timeout: LIMIT_MS },
    async () => {
      await keepMessages(shop, 30);
      await grow31DaysOlder(shop);

      await sweep();

      expect((await media(keptId)).status).toBe(404);
      expect([await keysOf(shop), await usage(shop)]).toEqual([[], 0]);
      expect([(await keysOf(other)).length, await usage(other)]).toEqual([1, kept.length]);
      expect((await service.api.call('POST', `/api/messages/${refusedId}/media/retry`)).status).toBe(202);
      await shop.events.next('whatsapp:media', ({ id, state }) => id === refusedId && state === 'ready');
      expect(Buffer.from(await (await media(refusedId)).arrayBuffer())).toEqual(refused);
    },
  );

  it(
    'stays with an organization that is closed, for as long as that keeps it',
    { timeout: LIMIT_MS },
    async () => {
      await keepMessages(other, 30);
      const closed = await service.api.call('DELETE', `/api/organizations/${other.organizationId}`);
      expect([200, 202]).toContain(closed.status);
      await sweep();
      expect((await keysOf(other)).length).toBe(1);

      await grow31DaysOlder(other);
      await sweep();

      expect([await keysOf(other), await usage(other)]).toEqual([[], 0]);
      expect((await keysOf(shop)).length).toBe(1);
    },
  );
});
