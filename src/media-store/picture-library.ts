import type { Sharp, SharpOptions } from 'sharp';
import { CachedPromise } from '../common/cached-promise.js';
import { FairSemaphore } from '../common/fair-semaphore.js';

/** Opens a picture by the path of its file, or by its bytes. */
export type PictureLibrary = (input: string | Uint8Array, options?: SharpOptions) => Sharp;

/** Organizations take turns to have one picture unpacked: it may take a hundred MB of memory for a moment. */
export const unpacking = new FairSemaphore(1);

/** What is looked into; the library reads more, of which some (SVG, PDF) can call for files and addresses. */
const READERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].flatMap((name) => [
  `VipsForeignLoad${name}File`,
  `VipsForeignLoad${name}Buffer`,
]);

/**
 * The library for pictures, which is read when the first one is looked at: it takes memory that a service without pictures need
 * not spend. Pictures come from strangers, so it opens nothing but what phones send.
 */
export const pictureLibrary = new CachedPromise<PictureLibrary>(async () => {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: READERS });
  return sharp;
});
