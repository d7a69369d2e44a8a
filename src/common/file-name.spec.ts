import { describe, expect, it } from 'vitest';
import { safeFileName } from './file-name.js';

describe('safeFileName', () => {
  it.each([
    ['orçamento 2026.pdf', 'orçamento 2026.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\System32\\cmd.exe', 'cmd.exe'],
    ['/absolute/name.txt', 'name.txt'],
    ['a\r\nSet-Cookie: x=1.txt', 'aSet-Cookie_ x=1.txt'],
    ['nul\0l.txt', 'null.txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\u200b\u2066b\u2069.pdf', 'ab.pdf'],
    ['<script>"x"|?*.html', '_script__x____.html'],
    ['  . hidden . ', 'hidden'],
    ['.htaccess', 'htaccess'],
    ['CON.txt', '_CON.txt'],
    ['a   b\t c.txt', 'a b c.txt'],
    ['\ud800half.txt', 'half.txt'],
    ['файл.docx', 'файл.docx'],
    ['文件.pdf', '文件.pdf'],
    ['z\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301.txt', '\u017a\u0301\u0301\u0301\u0301.txt'],
  ])('makes %j into %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it.each([undefined, null, '', '.', '..', '/', '///', '\u202e', ' . . '])(
    'has nothing left of %j',
    (name) => {
      expect(safeFileName(name)).toBeUndefined();
    },
  );

  it('bounds the length and keeps the ending', () => {
    const name = safeFileName(`${'x'.repeat(4_000)}.pdf`)!;

    expect(name).toMatch(/^x{120}\.pdf$/);
    expect(Buffer.byteLength(safeFileName(`${'文'.repeat(4_000)}.pdf`)!)).toBeLessThan(400);
    expect(safeFileName('x'.repeat(1_000_000))!.length).toBe(120);
  });
});
