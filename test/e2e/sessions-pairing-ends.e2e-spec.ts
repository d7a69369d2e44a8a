import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import type { PairingEnd } from '../../src/common/disconnect-reasons.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

type Disconnected = Extract<OutgoingEvent, { name: 'whatsapp:disconnected' }>;

let harness: SessionsHarness;
let phones = 0;
let owner: Phone;
let instance: Instance;

beforeAll(async () => {
  // Only the bounds of linking itself end it.
  harness = await SessionsHarness.start((settings) => (settings.breaker.failures = Infinity));
});

beforeEach(async () => {
  phones += 1;
  owner = harness.sim.addPhone({ number: `55119998877${10 + phones}`, name: 'Clinic' });
  instance = await harness.addInstance(owner.number);
});

afterEach(async () => {
  harness.sim.faults.clear();
  await harness.sessions.logOut(instance);
  const { pairingAnswerMs, pairingCodeMs, pairingQrMs, qrMs } = new SessionSettings();
  Object.assign(harness.settings, { pairingAnswerMs, pairingCodeMs, pairingQrMs, qrMs });
});

afterAll(async () => {
  await harness.stop();
});

async function qrOf(phoneNumber?: string): Promise<string> {
  const offered = once(harness.bus, 'instance.qr_issued') as Promise<[{ qr: string }]>;
  await harness.sessions.connect(instance, { method: 'qr', ...(phoneNumber && { phoneNumber }) });
  return (await offered)[0].qr;
}

async function codeOf(): Promise<string> {
  const result = await harness.sessions.connect(instance, { method: 'code', phoneNumber: owner.number });
  return result.outcome === 'pairing_code' ? result.pairingCode : result.outcome;
}

function told(): string[] {
  return harness.events.filter(({ payload }) => payload.instanceId === instance.id).map(({ name }) => name);
}

/** What subscribers hear, and what everybody reads once the session is over. */
async function outcomeOf(event: Promise<Disconnected>): Promise<unknown> {
  const { payload } = await event;
  await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
  await expect.poll(async () => (await harness.read(instance)).hasSession).toBe(false);
  const { status, lastDisconnectReason, accountPhone } = await harness.read(instance);
  const qr = await harness.sessions.currentQr(instance.id);
  return { payload, stored: { status, lastDisconnectReason, accountPhone }, qr, events: told() };
}

function endedBy(reason: PairingEnd): unknown {
  return {
    payload: { instanceId: instance.id, reason, timestamp: expect.stringMatching(/Z$/) },
    stored: { status: 'disconnected', lastDisconnectReason: reason, accountPhone: null },
    qr: null,
    events: ['whatsapp:disconnected'],
  };
}

describe('linking that ends without a link says so once, with its reason', () => {
  it('when the last QR was not scanned', async () => {
    harness.settings.qrMs = 30;
    let shown = 0;
    const count = () => (shown += 1);
    harness.bus.on('instance.qr_issued', count);
    const ended = harness.event('whatsapp:disconnected');

    await qrOf();

    expect(await outcomeOf(ended)).toEqual(endedBy('qr_expired'));
    harness.bus.off('instance.qr_issued', count);
    expect(shown).toBe(6);
  });

  it('when no QR was scanned for long, however many more WhatsApp would give', async () => {
    harness.settings.pairingQrMs = 100;
    const ended = harness.event('whatsapp:disconnected');

    await qrOf();

    expect(await outcomeOf(ended)).toEqual(endedBy('qr_expired'));
  });

  it('when the code was not typed', async () => {
    harness.settings.pairingCodeMs = 100;
    const ended = harness.event('whatsapp:disconnected');

    await codeOf();

    expect(await outcomeOf(ended)).toEqual(endedBy('pairing_code_expired'));
  });

  it.each([
    [400, 'pairing_rejected'],
    [429, 'pairing_rate_limited'],
  ] as const)('when WhatsApp refuses the code (%s)', async (code, reason) => {
    harness.sim.faults.refusePairing(code);
    const ended = harness.event('whatsapp:disconnected');

    await expect(codeOf()).rejects.toMatchObject({ code: reason });

    expect(await outcomeOf(ended)).toEqual(endedBy(reason));
  });

  it.each(['reset', 'http-503'] as const)('when WhatsApp is out of reach for a QR (%s)', async (mode) => {
    harness.settings.pairingAnswerMs = 300;
    harness.sim.faults.outage(mode);
    const ended = harness.event('whatsapp:disconnected');

    expect(await harness.sessions.connect(instance, { method: 'qr' })).toEqual({ outcome: 'qr' });

    expect(await outcomeOf(ended)).toEqual(endedBy('whatsapp_unavailable'));
  });

  it('when WhatsApp is out of reach for a code', async () => {
    harness.settings.pairingAnswerMs = 300;
    harness.sim.faults.outage();
    const ended = harness.event('whatsapp:disconnected');

    await expect(codeOf()).rejects.toMatchObject({ code: 'whatsapp_unavailable' });

    expect(await outcomeOf(ended)).toEqual(endedBy('whatsapp_unavailable'));
  });

  it('when WhatsApp goes away while the QR is shown, and shows that one no longer', async () => {
    await qrOf();
    harness.settings.pairingAnswerMs = 300;
    const ended = harness.event('whatsapp:disconnected');

    harness.sim.faults.outage();

    await expect.poll(() => harness.sessions.currentQr(instance.id)).toBeNull();
    expect(await outcomeOf(ended)).toEqual(endedBy('whatsapp_unavailable'));
  });

  it('when WhatsApp goes away while the code is waiting', async () => {
    await codeOf();
    const ended = harness.event('whatsapp:disconnected');

    harness.sim.faults.outage();

    expect(await outcomeOf(ended)).toEqual(endedBy('whatsapp_unavailable'));
  });

  it.each(['qr', 'code'] as const)('when a newer call takes its place (%s)', async (method) => {
    await (method === 'qr' ? qrOf() : codeOf());
    const ended = harness.event('whatsapp:disconnected');

    const qr = await qrOf();

    expect((await ended).payload.reason).toBe('pairing_replaced');
    const connected = harness.event('whatsapp:connected');
    await owner.scans(qr);
    await connected;
    expect(told()).toEqual(['whatsapp:disconnected', 'whatsapp:connected']);
  });

  it('when the instance is deleted', async () => {
    await qrOf();
    const ended = harness.event('whatsapp:disconnected');

    await harness.sessions.logOut(instance);

    expect(await outcomeOf(ended)).toEqual(endedBy('pairing_cancelled'));
  });

  it('when the server can not prove that it is WhatsApp', async () => {
    harness.sim.faults.certificate('forged-leaf');
    const ended = harness.event('whatsapp:disconnected');

    await harness.sessions.connect(instance, { method: 'qr' });

    expect(await outcomeOf(ended)).toEqual(endedBy('server_not_trusted'));
  });

  it('when a phone scans that has another number, which links nothing', async () => {
    const stranger = harness.sim.addPhone({ number: '5521988776655', name: 'Somebody' });
    const qr = await qrOf(owner.number);
    const ended = harness.event('whatsapp:disconnected');

    await expect(stranger.scans(qr)).rejects.toMatchObject({ code: 'connection-closed' });

    expect(await outcomeOf(ended)).toEqual(endedBy('wrong_phone'));
    expect(stranger.devices).toHaveLength(0);
  });

  it.each(['qr_pending', 'connecting'])('when the process that was at it is gone (%s)', async (status) => {
    const sql = 'update whatsapp_instances set status = $1 where id = $2::text::uuid';
    await harness.database.sql(sql, [status, instance.id]);

    harness.sessions.onApplicationBootstrap();

    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ status: 'disconnected', lastDisconnectReason: 'service_restarted' });
    const events = `select name, payload from events where payload ->> 'instanceId' = $1`;
    expect((await harness.database.sql(events, [instance.id])).rows).toEqual([
      {
        name: 'whatsapp:disconnected',
        payload: {
          instanceId: instance.id,
          reason: 'service_restarted',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      },
    ]);
  });
});

it('takes the other spelling of a number for the same phone', async () => {
  const spelt = harness.sim.addPhone({ number: '551188776655', name: 'Old spelling' });
  const connected = harness.event('whatsapp:connected');

  await spelt.scans(await qrOf('5511988776655'));

  expect((await connected).payload.phoneNumber).toBe('551188776655');
});

it('shows why while WhatsApp is out of reach, and a new QR once it is back', async () => {
  await qrOf();
  harness.sim.faults.outage();
  await expect
    .poll(() => harness.read(instance))
    .toMatchObject({
      status: 'connecting',
      lastDisconnectReason: expect.stringMatching(/network|connection/),
    });

  const offered = once(harness.bus, 'instance.qr_issued') as Promise<[{ qr: string }]>;
  harness.sim.faults.endOutage();
  const connected = harness.event('whatsapp:connected');
  await owner.scans((await offered)[0].qr);
  await connected;

  expect(await harness.read(instance)).toMatchObject({ status: 'connected', lastDisconnectReason: null });
});

it('says when the service stops in the middle of it', async () => {
  await qrOf();
  const ended = harness.event('whatsapp:disconnected');

  await harness.restart();

  expect(await outcomeOf(ended)).toEqual(endedBy('service_stopped'));
});
