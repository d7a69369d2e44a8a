import { pictureLibrary, unpacking } from './picture-library.js';

/** Of each side of a sticker, in pixels. */
const SIDE = 512;
/** Largest picture that is unpacked for it. */
const MAX_PIXELS = 50_000_000;
const TIMEOUT_SECONDS = 15;

/**
 * @param organizationId whose it is
 * @returns a WebP of 512 by 512 pixels with the whole picture in it; undefined where the picture is broken, or too large
 */
export async function toSticker(organizationId: string, picture: Uint8Array): Promise<Buffer | undefined> {
  const sharp = await pictureLibrary.get();
  return unpacking.run(organizationId, async () => {
    try {
      return await sharp(picture, { limitInputPixels: MAX_PIXELS, failOn: 'error', animated: true })
        .autoOrient()
        .resize(SIDE, SIDE, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
        .webp({ quality: 80 })
        .timeout({ seconds: TIMEOUT_SECONDS })
        .toBuffer();
    } catch {
      return undefined;
    }
  });
}
