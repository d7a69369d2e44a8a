import { describe, expect, it } from 'vitest';
import { basicPassword } from './basic-password.js';

const encode = (text: string) => Buffer.from(text).toString('base64');

describe('basicPassword', () => {
  it.each([
    [`Basic ${encode('admin:secret')}`, 'secret'],
    [`basic   ${encode(':se:cret ')}`, 'se:cret '],
    [`Basic ${encode('admin:')}`, ''],
    [`Basic ${encode('admin:chave-ção')}`, 'chave-ção'],
    [`Basic ${encode('no-colon')}`, undefined],
    ['Basic', undefined],
    ['Basic !!', undefined],
    [`Bearer ${encode('a:b')}`, undefined],
    [undefined, undefined],
  ])('finds in %s the password %s', (header, password) => {
    expect(basicPassword(header)).toBe(password);
  });
});
