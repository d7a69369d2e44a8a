import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sharedSecrets, weaknessOfKey, weaknessOfToken } from './weak-secrets.js';

/** As random as any, and the same in each run: of tokens that are drawn anew, one now and then holds a word by chance. */
function drawn(round: number): Buffer {
  return createHash('sha256').update(`draw ${round}`).digest();
}

describe('weaknessOfKey', () => {
  it.each<[string, Buffer]>([
    ['zeros', Buffer.alloc(32)],
    ['one byte, again and again', Buffer.alloc(32, 7)],
    ['bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
    ['bytes that count down', Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - 3 * index))],
    ['a block of half its length, twice', Buffer.from('0123456789abcdefX'.slice(0, 16).repeat(2))],
    ['few different bytes', Buffer.from('aabbccddaabbccddaabbccddaabbccdX')],
    ['a text to be replaced', Buffer.from('change-me-please-0987-uvwxyz-!?,')],
  ])('refuses %s', (_name, key) => {
    expect(key).toHaveLength(32);
    expect(weaknessOfKey(key)).toBe('is no random key');
  });

  it('takes random ones', () => {
    for (let round = 0; round < 1_000; round++) {
      expect(weaknessOfKey(drawn(round))).toBeUndefined();
    }
  });
});

describe('weaknessOfToken', () => {
  it.each([
    ['one character', 'k'.repeat(32), 'repeats itself'],
    ['a block', 'abcd1234'.repeat(4), 'repeats itself'],
    ['a row', 'abcdefghijklmnopqrstuvwxyz', 'repeats itself'],
    ['a placeholder', 'change-me-to-something-long', 'can be guessed'],
    ['another placeholder', 'CHANGE_THIS_BEFORE_YOU_START', 'can be guessed'],
    ['an example', 'this-is-an-Example-of-a-key', 'can be guessed'],
    ['a word', 'my-very-long-Passw0rd-for-this', 'can be guessed'],
    ['digits in a row', 'tokn-1234567890-tokn-987-xzv', 'can be guessed'],
  ])('refuses %s', (_name, token, weakness) => {
    expect(weaknessOfToken(token)).toBe(weakness);
  });

  it.each(['hex', 'base64', 'base64url'] as const)('takes random ones (%s)', (encoding) => {
    for (let round = 0; round < 1_000; round++) {
      expect(weaknessOfToken(drawn(round).subarray(0, 24).toString(encoding))).toBeUndefined();
    }
  });
});

describe('sharedSecrets', () => {
  it('names the variables that hold the same secret', () => {
    const secrets = [
      ['A', 'x'],
      ['B', 'y'],
      ['C', 'x'],
      ['D', undefined],
      ['E', undefined],
      ['F', ''],
      ['G', ''],
    ] as const;
    expect(sharedSecrets(secrets)).toEqual(['A and C']);
  });
});
