import { describe, expect, it } from 'vitest';
import { textOf } from './env-text.js';

const TEXT = 'AUTH_MODE=required\nLOG_LEVEL=info # olá\n';

/** In UTF-16, big end first. */
function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

describe('textOf', () => {
  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['UTF-16 LE', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16 LE with a mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
    ['UTF-16 BE', bigEndian(TEXT)],
    ['UTF-16 BE with a mark', bigEndian(`\uFEFF${TEXT}`)],
    ['lines of Windows', Buffer.from(TEXT.replaceAll('\n', '\r\n'))],
    ['lines of an old Macintosh', Buffer.from(TEXT.replaceAll('\n', '\r'))],
    ['UTF-16 LE of Windows', Buffer.from(`\uFEFF${TEXT.replaceAll('\n', '\r\n')}`, 'utf16le')],
  ])('reads %s', (_name, bytes) => {
    expect(textOf(bytes, '.env')).toBe(TEXT);
  });

  it.each([
    ['a NUL byte', Buffer.from('AUTH_MODE=requ\0ired\n')],
    ['UTF-32', Buffer.from(Array.from(TEXT, (char) => [char.codePointAt(0)!, 0, 0, 0]).flat())],
    ['a file that a crash left full of zeros', Buffer.alloc(512)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => textOf(bytes, '.env')).toThrow(/\.env holds NUL bytes/);
  });

  it('reads an empty one', () => {
    expect(textOf(Buffer.alloc(0), '.env')).toBe('');
  });
});
