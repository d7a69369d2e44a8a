import { expect, it } from 'vitest';
import { baseOf, withBase } from './page-base.js';

it.each([
  ['/', './'],
  ['/numbers', './'],
  ['/numbers/', '../'],
  ['/numbers/7', '../'],
  ['/inbox/7/8', '../../'],
])('finds the root of the service from %s at %s, under whatever path', (path, base) => {
  expect(baseOf(path, undefined)).toBe(base);
  expect(new URL(base, `https://shop.example/some/where${path}`).pathname).toBe('/some/where/');
});

it('believes a proxy that says its path', () => {
  expect(baseOf('/numbers/7', '/whatsapp')).toBe('/whatsapp/');
});

it('puts it into the page', () => {
  expect(withBase('<head><base href="/" /></head>', '../')).toBe('<head><base href="../" /></head>');
  expect(() => withBase('<head></head>', '../')).toThrow('no <base');
});
