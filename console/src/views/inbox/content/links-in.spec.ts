import { expect, it } from 'vitest';
import { linksIn, safeHref } from './links-in.ts';

it.each<[string, string[]]>([
  ['see https://a.example/x?y=1.', ['https://a.example/x?y=1']],
  ['(http://a.example)', ['http://a.example/']],
  ['javascript:alert(1)', []],
  ['JaVaScRiPt:alert(1) data:text/html,x', []],
  ['javascript:location="https://a.example"', ['https://a.example/']],
  ['<a href="https://a.example">', ['https://a.example/']],
  ['https://', []],
  ['no link', []],
])('finds the pages in %j', (text, links) => {
  const parts = linksIn(text);
  expect(parts.flatMap(({ href }) => href ?? [])).toEqual(links);
  expect(parts.map((part) => part.text).join('')).toBe(text);
});

it.each([
  ['https://a.example', 'https://a.example/'],
  ['javascript:alert(1)', undefined],
  [' javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  [7, undefined],
])('leads from %j to %j', (address, href) => {
  expect(safeHref(address)).toBe(href);
});
