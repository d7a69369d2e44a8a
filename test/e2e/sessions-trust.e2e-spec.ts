import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { CertificateFlaw } from '../../src/simulator/protocol/certificate-authority.js';
import { PairingError } from '../../src/simulator/server/pairing-error.js';
import { SessionsHarness } from '../support/sessions-harness.js';

const NUMBER = '5511999887766';
/** All that a server hears that is not trusted: a hello, which says nothing of who we are. */
const HELLO_ALONE = 1;
const OVER = { status: 'disconnected', lastDisconnectReason: 'server_not_trusted' };

let harness: SessionsHarness;

function faults(): unknown[] {
  return harness.lines
    .filter(({ msg }) => msg === 'server not trusted: hung up before telling it who we are')
    .map(({ fault }) => fault);
}

describe('a linked session', () => {
  let owner: Phone;
  let ana: Phone;
  let instance: Instance;

  beforeAll(async () => {
    harness = await SessionsHarness.start();
    owner = harness.sim.addPhone({ number: NUMBER, name: 'Clinic' });
    ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
    instance = await harness.linked(owner);
  });

  afterAll(async () => {
    await harness.stop();
  });

  it.each<[CertificateFlaw, string]>([
    ['foreign-root', 'intermediate_not_signed_by_root'],
    ['foreign-issuer', 'intermediate_of_another_issuer'],
    ['forged-leaf', 'leaf_not_signed_by_intermediate'],
    ['foreign-leaf-issuer', 'leaf_of_another_issuer'],
    ['foreign-server', 'leaf_of_another_server'],
    ['not-yet-valid', 'certificate_not_yet_valid'],
    ['expired', 'certificate_expired'],
    ['missing-leaf', 'certificates_missing'],
  ])('tells a server nothing whose certificates have a flaw (%s), and comes back', async (flaw, fault) => {
    harness.sim.faults.certificate(flaw);
    const linked = owner.devices[0]!.connection!.id;
    const refused = harness.sim.next('connection.ended', ({ connection }) => connection !== linked);
    harness.sim.faults.dropLine(owner);

    expect((await refused).frames).toBe(HELLO_ALONE);
    expect(faults()).toContain(fault);
    await expect.poll(() => harness.sessions.standingOf(instance.id)?.reason).toBe('server_not_trusted');

    const connected = harness.event('whatsapp:connected');
    harness.sim.faults.certificate();
    await connected;
    await (await ana.writes(owner, 'hello again')).acknowledged();
  });
});

describe('a connect call', () => {
  afterEach(async () => {
    await harness.stop();
  });

  it('for a code ends at once, and says why', async () => {
    harness = await SessionsHarness.start();
    harness.sim.faults.certificate('forged-leaf');
    const instance = await harness.addInstance(NUMBER);
    const refused = harness.sim.next('connection.ended');

    const call = harness.sessions.connect(instance, { method: 'code', phoneNumber: NUMBER });

    await expect(call).rejects.toMatchObject({ code: 'server_not_trusted' });
    expect((await refused).frames).toBe(HELLO_ALONE);
    await expect.poll(() => harness.read(instance)).toMatchObject(OVER);
  });

  it('for a QR ends at once, and the instance says why', async () => {
    harness = await SessionsHarness.start();
    harness.sim.faults.certificate('expired');
    const instance = await harness.addInstance();
    const refused = harness.sim.next('connection.ended');

    await harness.sessions.connect(instance, { method: 'qr' });

    expect((await refused).frames).toBe(HELLO_ALONE);
    await expect.poll(() => harness.read(instance)).toMatchObject(OVER);
  });

  it("believes nobody but WhatsApp's root where that is configured", async () => {
    harness = await SessionsHarness.start(undefined, { isForWhatsAppAlone: true });
    const instance = await harness.addInstance(NUMBER);
    const refused = harness.sim.next('connection.ended');

    const call = harness.sessions.connect(instance, { method: 'code', phoneNumber: NUMBER });

    await expect(call).rejects.toMatchObject({ code: 'server_not_trusted' });
    expect((await refused).frames).toBe(HELLO_ALONE);
    expect(faults()).toEqual(['intermediate_not_signed_by_root']);
  });
});

describe('a phone that seems to link us', () => {
  afterEach(async () => {
    await harness.stop();
  });

  it('is not believed when its signature is not its own', async () => {
    harness = await SessionsHarness.start();
    harness.sim.faults.forgeIdentities();
    const owner = harness.sim.addPhone({ number: NUMBER, name: 'Clinic' });
    const instance = await harness.addInstance();
    const offered = once(harness.bus, 'instance.qr_issued') as Promise<[{ qr: string }]>;
    await harness.sessions.connect(instance, { method: 'qr' });
    const [{ qr }] = await offered;

    await expect(owner.scans(qr)).rejects.toThrow(PairingError);

    expect(owner.devices).toEqual([]);
    expect(await harness.read(instance)).toMatchObject({ hasSession: false });
  });
});
