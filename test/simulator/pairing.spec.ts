import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { verify } from '../../src/simulator/protocol/keys.js';
import { Scenario } from './scenario.js';

const scene = new Scenario();

describe('pairing by QR', () => {
  it('links the client, restarts it with 515 and logs it in as that device', async () => {
    const client = scene.client().connect();
    const paired = scene.sim.next('device.paired');

    const device = await scene.owner.scans(await client.qr());

    expect(await client.closed()).toBe(515);
    expect((await paired).jid).toBe(`5511999887766:${device.id}@s.whatsapp.net`);
    client.connect();
    await client.online();
    expect(scene.owner.devices).toEqual([device]);
    expect(device.connected).toBe(true);
    expect(client.sock.user?.id).toBe(device.address('pn'));
    expect(client.sock.user?.lid).toBe(device.address('lid'));
    expect([...scene.sim.unknownQueries]).toEqual([]);
  });

  it('tells the client its push name', async () => {
    const client = await scene.linked();

    await expect.poll(() => client.auth.creds.me?.name).toBe('Owner');
  });

  it('gets a device signature that a strict verifier accepts', async () => {
    const client = scene.client().connect();

    const device = await scene.owner.scans(await client.qr());

    const signed = proto.ADVSignedDeviceIdentity.decode(device.signedIdentity);
    const companion = client.auth.creds.signedIdentityKey.public;
    const message = [Buffer.from([6, 1]), signed.details!, companion, scene.owner.primary.identity.public];
    expect(verify(companion, Buffer.concat(message), signed.deviceSignature!)).toBe(true);
    const account = [Buffer.from([6, 0]), signed.details!, companion];
    expect(
      verify(scene.owner.primary.identity.public, Buffer.concat(account), signed.accountSignature!),
    ).toBe(true);
  });

  it('offers six refs, after which the client gives up with 408', async () => {
    const client = scene.client({ qrTimeout: 5 }).connect();
    const seen: string[] = [];
    client.sock.ev.on('connection.update', ({ qr }) => qr && seen.push(qr));

    expect(await client.closed()).toBe(408);

    expect(new Set(seen).size).toBe(6);
  });

  it('refuses altered, foreign and old codes', async () => {
    const client = scene.client().connect();
    const qr = await client.qr();
    const parts = qr.split(',');
    const altered = [parts[0], Buffer.alloc(32, 7).toString('base64'), ...parts.slice(2)].join(',');

    await expect(scene.owner.scans('hello')).rejects.toMatchObject({ code: 'invalid-qr' });
    await expect(scene.owner.scans(altered)).rejects.toMatchObject({ code: 'invalid-qr' });
    const gone = scene.client().connect();
    const old = await gone.qr();
    gone.end();
    await gone.closed();
    await expect
      .poll(() => scene.owner.scans(old).catch((e: { code: string }) => e.code))
      .toMatch(/unknown-ref|connection-closed/);
    expect(scene.owner.devices).toEqual([]);
  });
});

describe('pairing by code', () => {
  it('links with the right code, after a wrong one on the same request', async () => {
    const client = scene.client().connect();
    await client.qr();
    const requested = scene.sim.next('pairing-code.requested');
    const code = await client.sock.requestPairingCode('5511999887766');
    expect(await requested).toEqual({ number: '5511999887766', display: 'Chrome (Mac OS)' });

    await expect(scene.owner.types('ABCD1234')).rejects.toMatchObject({ code: 'wrong-code' });
    expect(scene.owner.devices).toEqual([]);
    const device = await scene.owner.types(`${code.slice(0, 4)}-${code.slice(4).toLowerCase()}`);

    expect(await client.closed()).toBe(515);
    client.connect();
    await client.online();
    expect(device.connected).toBe(true);
    const sent = await scene.ana.writes(scene.owner, 'oi');
    await sent.acknowledged();
    await client.message('oi');
  });

  it('knows no code for a phone that nobody asked one for', async () => {
    await expect(scene.ana.types('ABCD1234')).rejects.toMatchObject({ code: 'no-pending-pairing' });
  });

  it('refuses an expired code', async () => {
    const client = scene.client().connect();
    await client.qr();
    const requested = scene.sim.next('pairing-code.requested');
    const code = await client.sock.requestPairingCode('5511999887766');
    await requested;
    scene.sim.faults.expirePairingCode(scene.owner);

    await expect(scene.owner.types(code)).rejects.toMatchObject({ code: 'expired' });
  });

  it('a new request voids the code before', async () => {
    const client = scene.client().connect();
    await client.qr();
    let requested = scene.sim.next('pairing-code.requested');
    const first = await client.sock.requestPairingCode('5511999887766');
    await requested;
    requested = scene.sim.next('pairing-code.requested');
    const second = await client.sock.requestPairingCode('5511999887766');
    await requested;

    await expect(scene.owner.types(first)).rejects.toMatchObject({ code: 'wrong-code' });
    await expect(scene.owner.types(second)).resolves.toMatchObject({ device: 10 });
  });

  it.each([
    ['no phone', '5511900000000', '404', () => undefined],
    ['no number', '12', '400', () => undefined],
    ['too many requests', '5511999887766', '429', () => scene.sim.faults.refusePairing(429)],
  ])('answers an error for %s', async (_, number, code, prepare) => {
    const client = scene.client().connect();
    await client.qr();
    prepare();
    const refused = new Promise<string | undefined>((resolve) => {
      client.sock.ws.on('CB:iq,type:error', (node: { content: { attrs: { code: string } }[] }) =>
        resolve(node.content[0]?.attrs.code),
      );
    });

    await client.sock.requestPairingCode(number);

    expect(await refused).toBe(code);
  });
});
