import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { ProtocolViolation } from './frame-reader.js';
import { agree, expand, generateKeyPair } from './keys.js';
import type { KeyPair } from './keys.js';
import { NoiseTransport, open, seal } from './noise-transport.js';

const PROTOCOL_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0', 'ascii');
const PROLOGUE = Buffer.from([0x57, 0x41, 6, 3]);

/** What the handshake established: who is calling (its noise key), what it wants, and the channel. */
export interface HandshakeResult {
  readonly noiseKey: Buffer;
  readonly payload: proto.ClientPayload;
  readonly transport: NoiseTransport;
}

/** The server's half of Noise_XX_25519_AESGCM_SHA256 as WhatsApp speaks it (`noise-handler.js` is the client's half). */
export class NoiseResponder {
  private hash: Buffer = PROTOCOL_NAME;
  private chainingKey: Buffer = PROTOCOL_NAME;
  private key: Buffer = PROTOCOL_NAME;
  private counter = 0;
  private readonly ephemeral = generateKeyPair();

  constructor(
    private readonly staticKey: KeyPair,
    private readonly certificateChain: Uint8Array,
  ) {
    this.mixHash(PROLOGUE);
  }

  /** Answers the client hello with the server hello (unframed). Throws ProtocolViolation when it is malformed. */
  hello(frame: Buffer): Buffer {
    const client = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (client?.length !== 32) {
      throw new ProtocolViolation('client hello without an ephemeral key');
    }
    this.mixHash(client);
    this.mixHash(this.ephemeral.public);
    this.mixKey(agree(this.ephemeral.private, client));
    const encryptedStatic = this.sealAndMix(this.staticKey.public);
    this.mixKey(agree(this.staticKey.private, client));
    const payload = this.sealAndMix(this.certificateChain);
    const serverHello = { ephemeral: this.ephemeral.public, static: encryptedStatic, payload };
    return Buffer.from(proto.HandshakeMessage.encode({ serverHello }).finish());
  }

  /** Reads the client finish and splits the keys. Throws when anything in it is not authentic. */
  finish(frame: Buffer): HandshakeResult {
    const finish = proto.HandshakeMessage.decode(frame).clientFinish;
    if (!finish?.static?.length || !finish.payload?.length) {
      throw new ProtocolViolation('client finish without static key or payload');
    }
    const noiseKey = this.openAndMix(Buffer.from(finish.static));
    this.mixKey(agree(this.ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.openAndMix(Buffer.from(finish.payload)));
    const keys = expand(Buffer.alloc(0), this.chainingKey, '', 64);
    const transport = new NoiseTransport(keys.subarray(0, 32), keys.subarray(32));
    return { noiseKey, payload, transport };
  }

  private mixHash(data: Uint8Array): void {
    this.hash = createHash('sha256').update(this.hash).update(data).digest();
  }

  private mixKey(secret: Uint8Array): void {
    const keys = expand(secret, this.chainingKey, '', 64);
    this.chainingKey = keys.subarray(0, 32);
    this.key = keys.subarray(32);
    this.counter = 0;
  }

  private sealAndMix(plaintext: Uint8Array): Buffer {
    const ciphertext = seal(this.key, this.counter++, plaintext, this.hash);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  private openAndMix(ciphertext: Buffer): Buffer {
    const plaintext = open(this.key, this.counter++, ciphertext, this.hash);
    this.mixHash(ciphertext);
    return plaintext;
  }
}
