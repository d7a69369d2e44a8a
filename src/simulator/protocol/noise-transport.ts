import { createCipheriv, createDecipheriv } from 'node:crypto';

const TAG_BYTES = 16;

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter >>> 0, 8);
  return iv;
}

/** AES-256-GCM with WhatsApp's nonce (eight zero bytes, then the counter) and the tag at the end. */
export function seal(key: Buffer, counter: number, plaintext: Uint8Array, aad?: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter));
  if (aad) {
    cipher.setAAD(aad);
  }
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Reverse of seal. Throws when the ciphertext is not authentic. */
export function open(key: Buffer, counter: number, ciphertext: Buffer, aad?: Buffer): Buffer {
  const end = ciphertext.length - TAG_BYTES;
  if (end < 0) {
    throw new Error('ciphertext too short');
  }
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(ciphertext.subarray(end));
  if (aad) {
    decipher.setAAD(aad);
  }
  return Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]);
}

/** The two directions of an established Noise channel; counters start at 0 and must follow arrival order. */
export class NoiseTransport {
  private received = 0;
  private sent = 0;

  constructor(
    private readonly clientToServer: Buffer,
    private readonly serverToClient: Buffer,
  ) {}

  /** Decrypts the next frame of the client. Throws when it is not authentic. */
  decrypt(frame: Buffer): Buffer {
    return open(this.clientToServer, this.received++, frame);
  }

  /** Encrypts the next frame for the client. */
  encrypt(plaintext: Uint8Array): Buffer {
    return seal(this.serverToClient, this.sent++, plaintext);
  }
}
