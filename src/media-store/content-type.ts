import { open } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';

/** Of a file whose content nothing is known of, or that a browser could run. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** A type is told by its first bytes: so many are looked at, however large the file is. */
const HEAD_BYTES = 256 * 1024;

/** What browsers show without running anything in it. */
const SHOWN = /^(?:image\/(?:jpeg|png|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
/** What is told as it is, but always saved by a browser, never shown: documents have scripts of their own. */
const SAVED =
  /^(?:image\/(?:heic|heif|bmp|tiff)|application\/(?:pdf|zip|gzip|rtf|x-7z-compressed|x-rar-compressed|x-cfb|epub\+zip|vnd\.openxmlformats-officedocument\.[\w.]+|vnd\.oasis\.opendocument\.[\w.]+))$/;

/**
 * The type of a file by its content alone: what its sender says about it is nobody's proof. What a browser could run (HTML, SVG,
 * XML, scripts, programs) and what is not known is `application/octet-stream`.
 * @param path of a file of any size
 */
export async function contentTypeOf(path: string): Promise<string> {
  return contentTypeOfHead(await headOf(path));
}

/** @param head the first bytes of a file, as many as are there */
export async function contentTypeOfHead(head: Uint8Array): Promise<string> {
  let mime: string | undefined;
  try {
    mime = (await fileTypeFromBuffer(head.subarray(0, HEAD_BYTES)))?.mime;
  } catch {
    // It begins like something and goes on like nothing.
  }
  return mime !== undefined && (SHOWN.test(baseOf(mime)) || SAVED.test(baseOf(mime))) ? mime : UNKNOWN_TYPE;
}

/** @returns whether a browser may show it where it stands, instead of saving it */
export function isShownInline(mimeType: string): boolean {
  return SHOWN.test(baseOf(mimeType));
}

function baseOf(mimeType: string): string {
  return mimeType.split(';', 1)[0]!.trim().toLowerCase();
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, (await file.stat()).size));
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
