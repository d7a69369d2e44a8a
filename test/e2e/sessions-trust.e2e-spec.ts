import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { CertificateFlaw } from '../../src/simulator/protocol/certificate-authority.js';
import { frame } from '../../src/simulator/protocol/frame-reader.js';
import { PairingError } from '../../src/simulator/server/pairing/pairing-error.js';
import { UntrustedServer } from '../support/untrusted-server.js';
import { SessionsHarness } from '../support/sessions-harness.js';
import { startTestService, type TestService } from '../support/test-service.js';

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
    harness = await SessionsHarness.start((settings) => (settings.breaker.failures = Infinity));
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
    ['missing-intermediate', 'certificates_missing'],
    ['missing-leaf', 'certificates_missing'],
    ['truncated', 'hello_unreadable'],
    ['absent', 'certificates_missing'],
  ])('tells a server nothing whose certificates have a flaw (%s), and comes back', async (flaw, fault) => {
    harness.sim.faults.certificate(flaw);
    const linked = owner.devices[0]!.connection!.id;
    const refused = harness.sim.next('connection.ended', ({ connection }) => connection !== linked);
    harness.sim.faults.dropConnection(owner);

    expect((await refused).frames).toBe(HELLO_ALONE);
    expect(faults()).toContain(fault);
    await expect
      .poll(() => harness.sessions.currentPrincipals(instance.id)?.reason)
      .toBe('server_not_trusted');

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

describe('a service that was pointed at a network whose root nobody named', () => {
  const INTRO = Buffer.from([0x57, 0x41, 6, 3]);
  let untrusted: UntrustedServer;
  let running: TestService;
  let id: string;

  beforeAll(async () => {
    untrusted = await UntrustedServer.start();
    running = await startTestService({ url: untrusted.url });
    id = await running.api.createInstance('clinic', NUMBER);
  });

  afterAll(async () => {
    await running.stop();
    untrusted.stop();
  });

  const connect = (method: string) =>
    running.api.call('POST', `/api/whatsapp/instances/${id}/connect`, { method });

  it('says no byte more than a hello, and tells the caller and the operator what to do', async () => {
    const left = untrusted.hungUpOn();
    const { status, body } = await connect('code');
    await left;

    expect({ status, body }).toMatchObject({ status: 500, body: { code: 'server_not_trusted' } });
    expect(body['error']).toContain('WHATSAPP_ROOT_KEY');
    const [heard] = untrusted.heard;
    const { clientHello } = proto.HandshakeMessage.decode(heard!.subarray(INTRO.length + 3));
    expect(clientHello!.ephemeral).toHaveLength(32);
    const hello = { clientHello: { ephemeral: clientHello!.ephemeral } };
    expect(heard).toEqual(Buffer.concat([INTRO, frame(proto.HandshakeMessage.encode(hello).finish())]));
    const told = (await readFile(running.logFile, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('hung up'));
    expect(told.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        level: 'ERROR',
        fault: 'intermediate_not_signed_by_root',
        advice: expect.stringContaining('WHATSAPP_ROOT_KEY') as string,
      },
    ]);
  });

  it('does not try a QR again and again, and says why there is none', async () => {
    const left = untrusted.hungUpOn();
    expect((await connect('qr')).status).toBe(200);
    await left;

    const read = async (route = '') =>
      (await running.api.call('GET', `/api/whatsapp/instances/${id}${route}`)).body;
    await expect
      .poll(() => read())
      .toMatchObject({ instance: { status: 'disconnected', last_disconnect_reason: 'server_not_trusted' } });
    // The status was that before, too: that of the QR follows it.
    await expect
      .poll(() => read('/qr'))
      .toMatchObject({
        code: 'qr_not_available',
        error: expect.stringContaining('server_not_trusted') as string,
      });
    expect(untrusted.heard).toHaveLength(2);
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
