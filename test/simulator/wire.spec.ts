import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Curve, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { verifyChain } from '../../src/simulator/protocol/certificate-authority.js';
import { CertificateAuthority } from '../../src/simulator/protocol/certificate-authority.js';
import { frame } from '../../src/simulator/protocol/frame-reader.js';
import { agree, expand } from '../../src/simulator/protocol/keys.js';
import { open } from '../../src/simulator/protocol/noise-transport.js';
import { createHash } from 'node:crypto';
import { ByteProxy } from './byte-proxy.js';
import { Client } from './client.js';
import { Scenario } from './scenario.js';

const scene = new Scenario({ seed: 'wire' });
const INTRO = Buffer.from([0x57, 0x41, 6, 3]);

describe('the handshake', () => {
  it('shows a certificate chain that a strict verifier accepts, under a root that a seed repeats', async () => {
    const ephemeral = Curve.generateKeyPair();
    const socket = new WebSocket(scene.sim.url);
    await once(socket, 'open');
    const clientHello = { ephemeral: ephemeral.public };
    socket.send(Buffer.concat([INTRO, frame(proto.HandshakeMessage.encode({ clientHello }).finish())]));
    const [data] = (await once(socket, 'message')) as [Buffer];
    socket.terminate();
    const { serverHello } = proto.HandshakeMessage.decode(data.subarray(3));

    const name = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
    let hash = [INTRO, ephemeral.public, serverHello!.ephemeral!].reduce(
      (h: Buffer, x) => sha256(h, x),
      name,
    );
    const first = expand(agree(Buffer.from(ephemeral.private), serverHello!.ephemeral!), name, '', 64);
    const serverKey = open(first.subarray(32), 0, Buffer.from(serverHello!.static!), hash);
    hash = sha256(hash, serverHello!.static!);
    const second = expand(agree(Buffer.from(ephemeral.private), serverKey), first.subarray(0, 32), '', 64);
    const chain = open(second.subarray(32), 0, Buffer.from(serverHello!.payload!), hash);

    expect(scene.sim.rootPublicKey).toBe(new CertificateAuthority('wire').root.public.toString('hex'));
    expect(verifyChain(chain, Buffer.from(scene.sim.rootPublicKey, 'hex'), serverKey)).toBe(true);
    expect(verifyChain(chain, new CertificateAuthority('other').root.public, serverKey)).toBe(false);
  });

  it('knows its root by its seed, as the manual says', async () => {
    const manual = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
    const [, seed] = /npm run simulator -- .*--seed (\w+)/.exec(manual)!;
    const [, key] = /WHATSAPP_ROOT_KEY=(\w+) npm start/.exec(manual)!;

    expect(new CertificateAuthority(seed).root.public.toString('hex')).toBe(key);
  });

  it('skips a routing prefix, which clients send after their first login', async () => {
    const client = await scene.linked();

    expect(client.auth.creds.routingInfo?.length).toBeGreaterThan(0);
    client.end();
    await client.closed();
    client.connect();
    await client.online();
    expect(scene.owner.devices[0]?.isOnline).toBe(true);
  });
});

describe('frames', () => {
  it.each(['bytes', 'coalesced'] as const)('of a client may come as %s', async (mode) => {
    const proxy = await ByteProxy.start(scene.sim.url, mode);
    const client = new Client(proxy.url).connect();
    await scene.owner.scans(await client.qr());
    await client.closed();
    client.connect();
    await client.online();

    await client.sock.sendMessage(scene.ana.address('lid'), { text: 'in pieces' });

    expect((await scene.ana.receives((m) => m.text === 'in pieces')).encryption).toBe('pkmsg');
    client.end();
    proxy.stop();
  });

  it.each(['bytes', 'coalesced'] as const)('of the server may go as %s', async (mode) => {
    const client = await scene.linked();
    scene.sim.faults.fragment(scene.owner, mode);

    const sent = await Promise.all(['a', 'b', 'c'].map((text) => scene.ana.writes(scene.owner, text)));

    await Promise.all(sent.map((each) => each.acknowledged()));
    expect((await client.message('c')).type).toBe('notify');
  });

  it.each([
    ['a bad intro', Buffer.from('GET / HTTP/1.1\r\n')],
    ['a huge frame', Buffer.concat([INTRO, Buffer.from([0xff, 0xff, 0xff])])],
    ['a hello that is no protobuf', Buffer.concat([INTRO, frame(Buffer.alloc(40, 0xff))])],
    ['a hello without key', Buffer.concat([INTRO, frame(Buffer.alloc(0))])],
    [
      'a weak key',
      Buffer.concat([
        INTRO,
        frame(proto.HandshakeMessage.encode({ clientHello: { ephemeral: Buffer.alloc(32) } }).finish()),
      ]),
    ],
  ])('%s ends that connection only', async (_, bytes) => {
    const client = await scene.linked();
    const socket = new WebSocket(scene.sim.url);
    await once(socket, 'open');

    socket.send(bytes);

    await once(socket, 'close');
    await (await scene.ana.writes(scene.owner, 'still here')).acknowledged();
    expect((await client.message('still here')).type).toBe('notify');
  });

  it('that do not decrypt end an established connection', async () => {
    const client = await scene.linked();
    const raw = client.sock.ws as unknown as { send(bytes: Buffer): void };

    raw.send(frame(Buffer.alloc(50, 1)));

    expect(await client.closed()).toBe(428);
  });

  it('half a frame and a close end the client cleanly', async () => {
    const client = await scene.linked();

    scene.sim.faults.halfFrame(scene.owner);

    expect(await client.closed()).toBe(428);
  });
});

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}
