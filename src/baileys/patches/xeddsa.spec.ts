import { randomBytes } from 'node:crypto';
import { Curve } from '@whiskeysockets/baileys';
import { verifySignature as verifyInJavaScript } from 'libsignal/src/curve.js';
import { describe, expect, it } from 'vitest';
import { verifySignature } from './xeddsa.js';

const withType = (key: Uint8Array) => Buffer.concat([Buffer.of(5), key]);
const pair = Curve.generateKeyPair();
const message = Buffer.from('what was signed');
const signature = Buffer.from(Curve.sign(pair.private, message));

function changed(bytes: Uint8Array, index: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[index]! ^= 1;
  return copy;
}

describe('verifySignature', () => {
  it('accepts what is signed with the key, and agrees with libsignal on it', () => {
    for (let round = 0; round < 16; round++) {
      const { private: secret, public: key } = Curve.generateKeyPair();
      const text = randomBytes(round * 13);
      const signed = Buffer.from(Curve.sign(secret, text));
      expect(verifySignature(key, text, signed)).toBe(true);
      expect(verifyInJavaScript(withType(key), text, signed)).toBe(true);
    }
  });

  it.each<[string, Uint8Array, Uint8Array, Uint8Array]>([
    ['another message', pair.public, Buffer.from('what was not signed'), signature],
    ['another key', Curve.generateKeyPair().public, message, signature],
    ['a change in its first half', pair.public, message, changed(signature, 0)],
    ['a change in its second half', pair.public, message, changed(signature, 40)],
    ['random bytes', pair.public, message, randomBytes(64)],
    ['zeros', pair.public, message, Buffer.alloc(64)],
    ['a signature too short', pair.public, message, signature.subarray(1)],
    ['a key too short', pair.public.subarray(1), message, signature],
    ['a key with its type', withType(pair.public), message, signature],
    [
      'a key without counterpart',
      Buffer.from((2n ** 255n - 20n).toString(16), 'hex').reverse(),
      message,
      signature,
    ],
  ])('refuses %s', (_name, key, text, signed) => {
    expect(verifySignature(key, text, signed)).toBe(false);
  });

  it('throws for no bytes whatever', () => {
    for (let round = 0; round < 100; round++) {
      expect(verifySignature(randomBytes(32), message, randomBytes(64))).toBe(false);
    }
  });
});
