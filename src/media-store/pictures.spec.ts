import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pngOfSize } from '../../test/support/huge-pictures.js';
import { makeThumbnail, pictureFacts } from './pictures.js';

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c01020' } });

describe('pictures', () => {
  it.each(['jpeg', 'png', 'webp', 'gif'] as const)(
    'says the size of a %s and makes it small',
    async (format) => {
      const picture = await blank(1_600, 900).toFormat(format).toBuffer();

      expect(await pictureFacts(picture)).toEqual({ width: 1_600, height: 900, isAnimated: false });
      const thumbnail = (await makeThumbnail('org_123', picture))!;
      expect(await pictureFacts(thumbnail)).toMatchObject({ width: 320, height: 180 });
      expect(thumbnail.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    },
  );

  it('turns a picture as its camera noted', async () => {
    const picture = await blank(200, 100).withMetadata({ orientation: 6 }).jpeg().toBuffer();

    expect(await pictureFacts(picture)).toMatchObject({ width: 100, height: 200 });
    expect(await pictureFacts((await makeThumbnail('org_123', picture))!)).toMatchObject({
      width: 100,
      height: 200,
    });
  });

  it('keeps nothing of the original but its looks', async () => {
    const picture = await blank(100, 100)
      .withExif({ IFD0: { Copyright: 'secret place' } })
      .jpeg()
      .toBuffer();

    expect(picture.toString('latin1')).toContain('secret place');
    expect((await makeThumbnail('org_123', picture))!.toString('latin1')).not.toContain('secret place');
  });

  it('takes the first picture of a sticker that moves', async () => {
    const frames = await sharp({
      create: { width: 64, height: 192, channels: 4, background: '#00ff0080', pageHeight: 64 },
    } as never)
      .webp({ loop: 0, delay: [50, 50, 50] })
      .toBuffer();

    expect(await pictureFacts(frames)).toMatchObject({ width: 64, height: 64 });
    expect(await pictureFacts((await makeThumbnail('org_123', frames))!)).toMatchObject({
      width: 64,
      height: 64,
    });
  });

  it('unpacks no picture of 50,000 by 50,000 pixels, and says that it is so large', async () => {
    const bomb = pngOfSize(50_000, 50_000, Buffer.alloc(6_251));
    const before = process.memoryUsage.rss();

    expect(await pictureFacts(bomb)).toEqual({ width: 50_000, height: 50_000, isAnimated: false });
    expect(await makeThumbnail('org_123', bomb)).toBeUndefined();
    expect(process.memoryUsage.rss() - before).toBeLessThan(64e6);
  });

  it.each([
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['text', Buffer.from('not a picture')],
    ['nothing', Buffer.alloc(0)],
  ])('finds no picture in %s', async (_what, bytes) => {
    expect(await pictureFacts(bytes)).toBeUndefined();
    expect(await makeThumbnail('org_123', bytes)).toBeUndefined();
  });

  it('makes no thumbnail of a picture that was cut off', async () => {
    const picture = await sharp({
      create: {
        width: 800,
        height: 800,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    })
      .png()
      .toBuffer();

    expect(await makeThumbnail('org_123', picture.subarray(0, picture.length / 4))).toBeUndefined();
  });
});
