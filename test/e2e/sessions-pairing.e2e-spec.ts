import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

const NUMBER = '5511999887766';

let harness: SessionsHarness;
let owner: Phone;

beforeEach(async () => {
  harness = await SessionsHarness.start((settings) => {
    settings.pairingAnswerMs = 5_000;
  });
  owner = harness.sim.addPhone({ number: NUMBER, name: 'Clinic' });
});

afterEach(async () => {
  await harness.stop();
});

async function codeFor(instance: Instance): Promise<string> {
  const result = await harness.sessions.connect(instance, { method: 'code', phoneNumber: NUMBER });
  if (result.outcome !== 'pairing_code') {
    throw new Error(`no code but ${result.outcome}`);
  }
  return result.pairingCode;
}

describe('linking an instance', () => {
  it('links by QR, and says so once', async () => {
    const instance = await harness.addInstance();

    await harness.linkByQr(instance, owner);

    expect(await harness.read(instance)).toMatchObject({
      status: 'connected',
      pairingMethod: 'qr',
      desiredState: 'running',
      phoneNumber: NUMBER,
      accountPhone: NUMBER,
      accountLid: expect.stringMatching(/^\d+$/),
      hasSession: true,
    });
    expect(harness.events).toEqual([
      expect.objectContaining({
        name: 'whatsapp:connected',
        payload: expect.objectContaining({ instanceId: instance.id, phoneNumber: NUMBER }),
      }),
    ]);
    expect(await harness.sessions.currentQr(instance.id)).toBeNull();
    expect(harness.lines).toContainEqual(
      expect.objectContaining({ level: 30, component: 'baileys', msg: 'Saving credentials' }),
    );
  });

  it('shows the QR while it waits for the scan', async () => {
    const instance = await harness.addInstance();
    const offered = once(harness.bus, 'instance.qr_issued');

    const result = await harness.sessions.connect(instance, { method: 'qr' });
    await offered;

    expect(result).toEqual({ outcome: 'qr' });
    expect((await harness.sessions.currentQr(instance.id))?.qr).toMatch(/^https:\/\/wa\.me\//);
    await expect.poll(async () => (await harness.read(instance)).status).toBe('qr_pending');
  });

  it('links by code, also after a wrong one was typed', async () => {
    const instance = await harness.addInstance();
    const code = await codeFor(instance);
    const connected = harness.event('whatsapp:connected');

    await expect(owner.types(code === '11111111' ? '22222222' : '11111111')).rejects.toMatchObject({
      code: 'wrong-code',
    });
    await owner.types(code);
    await connected;

    expect(code).toMatch(/^[1-9A-HJ-NP-TV-Z]{8}$/);
    expect(await harness.read(instance)).toMatchObject({ status: 'connected', accountPhone: NUMBER });
  });

  it('voids the old code when a new one is asked for', async () => {
    const instance = await harness.addInstance();
    const oldCode = await codeFor(instance);
    const newCode = await codeFor(instance);
    const connected = harness.event('whatsapp:connected');

    await expect(owner.types(oldCode)).rejects.toMatchObject({ code: expect.any(String) });
    await owner.types(newCode);

    expect((await connected).payload.phoneNumber).toBe(NUMBER);
  });

  it('says clearly that WhatsApp refused the code, and can be tried again', async () => {
    const instance = await harness.addInstance();
    harness.sim.faults.refusePairing(400);

    await expect(codeFor(instance)).rejects.toMatchObject({ code: 'pairing_rejected' });

    await expect.poll(async () => (await harness.read(instance)).status).toBe('disconnected');
    harness.sim.faults.clear();
    const connected = harness.event('whatsapp:connected');
    await owner.types(await codeFor(instance));
    await connected;
  });

  it('ends a pairing whose code expired', async () => {
    await harness.stop();
    harness = await SessionsHarness.start((settings) => {
      settings.pairingCodeMs = 100;
    });
    harness.sim.addPhone({ number: NUMBER, name: 'Clinic' });
    const instance = await harness.addInstance();

    await codeFor(instance);

    await expect
      .poll(async () => (await harness.read(instance)).lastDisconnectReason)
      .toBe('pairing_code_expired');
    expect(harness.sessions.isRunning(instance.id)).toBe(false);
    expect(await harness.read(instance)).toMatchObject({ status: 'disconnected', hasSession: false });
  });

  it('answers a second connect of a linked instance without linking again', async () => {
    const instance = await harness.linked(owner);

    const result = await harness.sessions.connect(instance, { method: 'code', phoneNumber: NUMBER });

    expect(result).toEqual({ outcome: 'already_connected' });
    expect(owner.devices).toHaveLength(1);
  });

  it('stays linked over a restart', async () => {
    const instance = await harness.linked(owner);

    await harness.restart();
    await harness.event('whatsapp:connected');

    expect(owner.devices).toHaveLength(1);
    expect(harness.sessions.isRunning(instance.id)).toBe(true);
  });

  it('comes back without storing credentials that did not change', async () => {
    await harness.linked(owner);
    const saved = () => harness.lines.filter(({ msg }) => msg === 'Saving credentials').length;
    const returned = async () => {
      await harness.restart();
      await harness.event('whatsapp:connected');
    };
    await returned();
    await returned();
    const before = saved();

    await returned();

    expect(saved()).toBe(before);
  });

  it('does not claim after a crash that a pairing is still waiting', async () => {
    const instance = await harness.addInstance();
    await harness.database.sql(`update whatsapp_instances set status = 'qr_pending'`);

    harness.sessions.onApplicationBootstrap();

    await expect.poll(async () => (await harness.read(instance)).status).toBe('disconnected');
  });

  it('logs the device out and forgets the session', async () => {
    const instance = await harness.linked(owner);
    const unlinked = harness.sim.next('device.unlinked');

    await harness.sessions.logOut(instance);
    await unlinked;

    expect(owner.devices).toHaveLength(0);
    const stored = await harness.read(instance);
    expect(stored).toMatchObject({ status: 'disconnected', hasSession: false });
    expect(stored.deletedAt).not.toBeNull();
  });
});
