import { describe, expect, it } from 'vitest';
import { entityTag, versionsOf } from './entity-tag.js';

it('quotes a version', () => {
  expect(entityTag('1764512345678901')).toBe('"1764512345678901"');
});

describe('the versions of If-Match', () => {
  it.each([
    ['no header', undefined, undefined],
    ['any', ' * ', undefined],
    ['one', '"17"', ['17']],
    ['several', '"17", "18"', ['17', '18']],
    ['a weak one beside a strong one', 'W/"16", "17"', ['17']],
    ['a weak one alone', 'W/"16"', []],
    ['no quotes', '17', []],
    ['nothing', '', []],
  ])('%s', (_name, header, versions) => {
    expect(versionsOf(header)).toEqual(versions);
  });
});
