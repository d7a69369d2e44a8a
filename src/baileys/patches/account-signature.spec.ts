import { Curve } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { isSigned } from './account-signature.js';

const pair = Curve.generateKeyPair();

function signed(bytes: string): Uint8Array {
  return Curve.sign(pair.private, Buffer.from(bytes, 'hex'));
}

describe('isSigned', () => {
  it.each([
    ['an account', '0600aabb', '0600aabb', true],
    ['a hosted account', '0605aabb', '0605aabb', true],
    ['a hosted account, taken for another', '0605aabb', '0600aabb', true],
    ['an account, taken for a hosted one', '0600aabb', '0605aabb', true],
    ['another device', '0600aabb', '0600aabc', false],
    ['a device, which is not an account', '0601aabb', '0600aabb', false],
    ['something else', '0801aabb', '0801aabb', true],
    ['something else, changed', '0801aabb', '0802aabb', false],
  ])('%s: signed %s, asked for %s: %s', (_name, what, asked, expected) => {
    expect(isSigned(pair.public, Buffer.from(asked, 'hex'), signed(what))).toBe(expected);
  });
});
