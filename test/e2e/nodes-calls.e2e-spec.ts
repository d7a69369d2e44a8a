import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { BuiltService } from '../support/built-service.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';

const CLIENT = '5521988776655';
const SOON = { timeout: 60_000, interval: 50 };

let cluster: NodeCluster;
let a: BuiltService;
let b: BuiltService;
let owner: Phone;
let ana: Phone;
let id: string;

beforeAll(async () => {
  cluster = await NodeCluster.start();
  [a, b] = [await cluster.add('a'), await cluster.add('b')];
  owner = cluster.simulator.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = cluster.simulator.addPhone({ number: CLIENT, name: 'Ana' });
  id = await cluster.link(a, owner);
});

afterAll(() => cluster.stop());

const path = (route: string, instanceId = id) => `/api/whatsapp/instances/${instanceId}/${route}`;

describe('a node that does not run the session', () => {
  it('tells how it stands', async () => {
    expect(await cluster.owners()).toEqual({ [id]: 'a' });
    expect(await b.api.call('GET', path('status'))).toMatchObject({
      status: 200,
      body: { instance: { id, status: 'connected' }, is_running: true },
    });
    expect(await b.api.call('POST', path('connect'), {})).toMatchObject({
      status: 200,
      body: { message: 'The instance is connected already' },
    });
  });

  it('sends, once under each key, and tells how it went', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const message = { to: CLIENT, message: 'from b' };

    const sent = await b.api.call('POST', path('send'), message, key);
    const again = await a.api.call('POST', path('send'), message, key);
    const other = await b.api.call('POST', path('send'), { ...message, message: 'another' }, key);
    const unkeyed = await b.api.call('POST', path('send'), { ...message, message: 'without a key' });

    expect(sent).toMatchObject({ status: 200, body: { status: 'sent' } });
    expect(again.body).toEqual(sent.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    expect(unkeyed.status).toBe(200);
    expect(unkeyed.headers.get('idempotency-replayed')).toBeNull();
    expect(ana.received.map(({ text }) => text)).toEqual(['from b', 'without a key']);
    const row = await b.api.call<{ message: { whatsapp_message_id: string } }>(
      'GET',
      `/api/messages/${String(sent.body['message_id'])}`,
    );
    expect(row.body.message.whatsapp_message_id).toBe(ana.received[0]?.id);
  });

  it('refuses what the other refuses, and leaves no secret behind', async () => {
    const refused = await b.api.call('POST', path('send'), { to: '5521900000000', message: 'nobody' });

    expect(refused).toMatchObject({ status: 400, body: { code: 'recipient_not_on_whatsapp' } });
    expect(await cluster.sql('select * from node_requests')).toEqual([]);
  });

  it('shows the QR code and gets a pairing code', async () => {
    const phone = cluster.simulator.addPhone({ number: '5511977776666', name: 'Branch' });
    const second = await a.api.createInstance(ORGANIZATION, phone.number);
    await a.api.call('POST', path('connect', second), { method: 'qr' });
    const qr = () => b.api.call<string>('GET', path('qr', second), undefined, { accept: 'text/plain' });
    await expect.poll(async () => (await qr()).status, SOON).toBe(200);
    const [stored] = await cluster.sql<{ qr: Buffer }>('select qr from pairing_qrs');
    const { body: shown } = await qr();

    expect(shown).toBe((await a.api.call<string>('GET', path('qr?format=text', second))).body);
    expect(stored!.qr.includes(Buffer.from(shown.slice(0, 20)))).toBe(false);
    const code = await b.api.pairingCode(second);
    await phone.types(code);

    const status = async () =>
      (await b.api.call<{ instance: { status: string } }>('GET', path('status', second))).body.instance
        .status;
    await expect.poll(status, SOON).toBe('connected');
    expect((await qr()).status).toBe(404);
    expect(await b.api.call('DELETE', `/api/whatsapp/instances/${second}`)).toMatchObject({ status: 200 });
    expect(phone.devices).toEqual([]);
    expect((await a.api.call('GET', path('status', second))).status).toBe(404);
  });
});

describe('an instance that nobody runs', () => {
  it('is taken by the node that was called', async () => {
    const phone = cluster.simulator.addPhone({ number: '5511966665555', name: 'Third' });
    const third = await a.api.createInstance(ORGANIZATION, phone.number);

    await b.api.pairingCode(third);

    expect((await cluster.owners())[third]).toBe('b');
  });
});
