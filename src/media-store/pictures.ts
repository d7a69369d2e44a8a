import { pictureLibrary, unpacking } from './picture-library.js';

/** Of the longest side of a thumbnail, in pixels; what phones show in a conversation, twice as fine. */
const THUMBNAIL_SIZE = 320;
/** More than a thumbnail ever has. */
const MAX_THUMBNAIL_BYTES = 64 * 1024;
/** Larger pictures are kept, and get no thumbnail: unpacked they would take more memory than a service can spare. */
const MAX_PIXELS = 50_000_000;
const TIMEOUT_SECONDS = 15;

/** What a picture says of itself, as it is shown: turned as its camera noted. */
export interface PictureFacts {
  width: number;
  height: number;
  isAnimated: boolean;
}

/**
 * @param picture the path of a file, or its bytes
 * @returns its size in pixels, read without unpacking it; undefined for what is no picture
 */
export async function pictureFacts(picture: string | Uint8Array): Promise<PictureFacts | undefined> {
  const sharp = await pictureLibrary.get();
  try {
    const { width, height, pages, autoOrient } = await sharp(picture, { limitInputPixels: false }).metadata();
    return {
      width: autoOrient?.width ?? width,
      height: autoOrient?.height ?? height,
      isAnimated: (pages ?? 1) > 1,
    };
  } catch {
    return undefined;
  }
}

/**
 * @param organizationId whose it is
 * @param picture the path of a file, or its bytes; of one that moves its first picture counts
 * @param size of the longest side, in pixels; smaller pictures stay as they are
 * @returns a small JPEG with nothing of the original in it but its looks; undefined where the picture is broken, or too large to
 *   be unpacked
 */
export async function makeThumbnail(
  organizationId: string,
  picture: string | Uint8Array,
  size: number = THUMBNAIL_SIZE,
): Promise<Buffer | undefined> {
  const sharp = await pictureLibrary.get();
  return unpacking.run(organizationId, async () => {
    try {
      const thumbnail = await sharp(picture, {
        limitInputPixels: MAX_PIXELS,
        sequentialRead: true,
        failOn: 'error',
        pages: 1,
      })
        .autoOrient()
        .resize(size, size, { fit: 'inside', withoutEnlargement: true })
        .flatten({ background: '#ffffff' })
        .jpeg({ quality: 70 })
        .timeout({ seconds: TIMEOUT_SECONDS })
        .toBuffer();
      return thumbnail.length <= MAX_THUMBNAIL_BYTES ? thumbnail : undefined;
    } catch {
      return undefined;
    }
  });
}
