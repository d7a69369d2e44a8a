import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { contentTypeOfHead, isShownInline, UNKNOWN_TYPE } from './content-type.js';

const opus = Buffer.concat([
  Buffer.from('OggS\0\x02'),
  Buffer.alloc(20),
  Buffer.from([1, 19]),
  Buffer.from('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0', 'latin1'),
]);
const mp4 = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from('ftypmp42\0\0\0\0mp42isom'),
  Buffer.alloc(64),
]);

describe('contentTypeOfHead', () => {
  let png: Buffer;

  beforeAll(async () => {
    png = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
  });

  it('knows what phones send', async () => {
    expect(await contentTypeOfHead(png)).toBe('image/png');
    expect(await contentTypeOfHead(mp4)).toBe('video/mp4');
    expect(await contentTypeOfHead(opus)).toMatch(/^audio\/ogg/);
    expect(await contentTypeOfHead(Buffer.from('%PDF-1.7\n%âãÏÓ\n'))).toBe('application/pdf');
  });

  it.each([
    ['nothing', ''],
    ['text', 'Bom dia'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['SVG in XML', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
    ['a script', '#!/bin/sh\nrm -rf /\n'],
    ['a program', 'MZ\x90\0\x03\0\0\0'],
    ['a program of Linux', '\x7fELF\x02\x01\x01'],
    ['a broken archive', 'PK\x03\x04\xff\xff\xff\xff'],
    ['half a picture’s beginning', '\x89PNG'],
  ])('calls %s a file of unknown content', async (_what, text) => {
    const type = await contentTypeOfHead(Buffer.from(text, 'latin1'));

    expect([UNKNOWN_TYPE, 'application/zip']).toContain(type);
    expect(isShownInline(type)).toBe(false);
  });

  it('looks at no more than the first bytes', async () => {
    expect(await contentTypeOfHead(Buffer.concat([png, Buffer.alloc(5_000_000)]))).toBe('image/png');
    expect(await contentTypeOfHead(Buffer.concat([Buffer.alloc(300_000), png]))).toBe(UNKNOWN_TYPE);
  });
});

describe('isShownInline', () => {
  it.each(['image/png', 'image/webp', 'audio/ogg; codecs=opus', 'video/mp4'])('shows %s', (type) => {
    expect(isShownInline(type)).toBe(true);
  });

  it.each(['image/svg+xml', 'text/html', 'application/pdf', 'application/zip', UNKNOWN_TYPE])(
    'saves %s',
    (type) => {
      expect(isShownInline(type)).toBe(false);
    },
  );
});
