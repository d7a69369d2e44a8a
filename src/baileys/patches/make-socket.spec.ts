import { EventEmitter } from 'node:events';
import { Curve, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { aLibrarySocket } from '../../../test/support/library-socket.js';

/** The first frame has WhatsApp's header of 4 bytes before its length of 3. */
const BEFORE_HELLO = 7;

it('knows the key pair of the handshake, which is the first that the library makes for a socket', async () => {
  const { ephemeral, heard, close } = await aLibrarySocket();
  try {
    await expect.poll(() => heard).toHaveLength(1);
    const { clientHello } = proto.HandshakeMessage.decode(heard[0]!.subarray(BEFORE_HELLO));

    expect(Buffer.from(clientHello!.ephemeral!)).toEqual(Buffer.from(ephemeral!.public));
  } finally {
    await close();
  }
});

it('leaves everything else as it was, and has the library heed signatures', async () => {
  const before = [EventEmitter.captureRejections, Curve.generateKeyPair];
  const { close } = await aLibrarySocket();
  await close();
  const { public: key } = Curve.generateKeyPair();

  expect([EventEmitter.captureRejections, Curve.generateKeyPair]).toEqual(before);
  expect(Curve.verify(key, Buffer.from('text'), Buffer.alloc(64))).toBe(false);
  // The root's signature is looked at by the check of the handshake.
  expect(Curve.verify(WA_CERT_DETAILS.PUBLIC_KEY, Buffer.from('text'), Buffer.alloc(64))).toBe(true);
});
