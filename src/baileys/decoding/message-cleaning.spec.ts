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
