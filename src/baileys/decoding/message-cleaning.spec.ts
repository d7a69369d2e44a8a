import { describe, expect, it } from 'vitest';
import { cleanMessageId, cleanName, cleanText } from './message-cleaning.js';

describe('cleanText', () => {
  it.each([
    ['plain text', 'olá 👋\n', 'olá 👋\n'],
    ['NUL', '\0a\0', 'a'],
    ['half a surrogate pair', 'a\ud83d', 'a\ufffd'],
    ['halves around a NUL', '\ud83d\0\udc4b', '👋'],
  ])('cleans %s', (_name, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });
});

describe('cleanName', () => {
  it.each([
    ['a name', 'Ana 👋', 'Ana 👋'],
    ['no name', undefined, undefined],
    ['blanks', ' \t\n ', undefined],
    ['several lines', ' Ana\r\nMaria ', 'Ana Maria'],
    ['a very long name', 'x'.repeat(1_000), 'x'.repeat(128)],
    ['a long name that ends within an emoji', `${'x'.repeat(127)}👋`, 'x'.repeat(127)],
    ['an emoji', '❤\ufe0f', '❤\ufe0f'],
    ['a family', '👨‍👩‍👧', '👨‍👩‍👧'],
    ['a flag', '🇧🇷', '🇧🇷'],
    ['a dot', '.', '.'],
    ['digits', '007', '007'],
    ['a name of marked letters', 'नि', 'नि'],
    ['a name in Hebrew behind a direction mark', '\u200fדנה', 'דנה'],
    ['a name turned around', '\u202eAna', 'Ana'],
    ['a name behind many fillers', `${'\u3164'.repeat(300)}Ana`, 'Ana'],
    ['the Hangul fillers', '\u3164\u115f\u1160\uffa0', undefined],
    ['the blank of Braille', '\u2800\u2800', undefined],
    ['zero width', '\u200b\u200c\u200d\u2060\ufeff', undefined],
    ['direction marks', '\u200e\u200f\u202a\u202e\u2066\u2069\u061c', undefined],
    ['a soft hyphen', '\u00ad', undefined],
    ['spaces of all widths', '\u00a0\u2003\u202f\u3000\u2028', undefined],
    ['marks without a letter', '\u0301\u0489\u20dd', undefined],
    ['selectors of variants', '\ufe0f\u{e0100}', undefined],
    ['tags', '\u{e0041}\u{e007f}', undefined],
    ['blanks among symbols', '\u{1d159}\u{13441}', undefined],
    ['what stands for something missing', '\ufffc\ufffd', undefined],
    ['halves of emoji', '\ud83d', undefined],
    ['what nobody assigned', '\ue000\uffff', undefined],
  ])('cleans %s', (_name, name, expected) => {
    expect(cleanName(name)).toBe(expected);
  });
});

describe('cleanMessageId', () => {
  it('keeps usual ids', () => {
    expect(cleanMessageId('3EB0C767D097E9ECFE0E')).toBe('3EB0C767D097E9ECFE0E');
  });

  it('digests odd ids, each to an id of its own', () => {
    const odd = ['', 'A B', 'A\0', 'A\0\0', 'é', '\ud800', 'x'.repeat(129), 'x'.repeat(130)];
    const cleaned = odd.map(cleanMessageId);
    expect(new Set(cleaned).size).toBe(odd.length);
    expect(cleaned.every((id) => /^sha256-[0-9a-f]{64}$/.test(id))).toBe(true);
  });
});
