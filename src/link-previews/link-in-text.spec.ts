import { describe, expect, it } from 'vitest';
import { firstLink } from './link-in-text.js';

describe('the first link of a text', () => {
  it.each<[string, string | undefined]>([
    ['See https://a.example/x?y=1#z.', 'https://a.example/x?y=1#z'],
    ['http://a.example, or https://b.example', 'http://a.example'],
    ['(https://a.example/menu)', 'https://a.example/menu'],
    ['https://a.example/a_(b)', 'https://a.example/a_(b)'],
    ['HTTPS://A.example!', 'HTTPS://A.example'],
    ['*https://a.example*', 'https://a.example'],
    ['https://ação.example/ç', 'https://ação.example/ç'],
    ['a.example', undefined],
    ['ftp://a.example', undefined],
    ['xhttps://a.example', undefined],
    ['https://', undefined],
    ['https://[', undefined],
    ['', undefined],
  ])('of %j is %j', (text, link) => {
    expect(firstLink(text)).toBe(link);
  });

  it('is looked for in the longest texts at once', () => {
    for (const part of ['https://', 'http:', '....', ')', 'https://a.example/....']) {
      const text = part.repeat(65_536 / part.length);
      const begun = performance.now();
      firstLink(text);
      expect(performance.now() - begun).toBeLessThan(1_000);
    }
  });
});
