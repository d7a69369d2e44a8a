import { useEffect, useState } from 'react';
import { session } from '../../../session/session.ts';
import { authorized } from './authorized.ts';
import { FileCache } from './file-cache.ts';

const files = new FileCache(readFile);
let owner = session.id;
session.subscribe(() => {
  // What one person may see is nothing for the next one.
  if (session.id !== owner) {
    owner = session.id;
    files.clear();
  }
});

/** A file as a page can show it: `url` once it is here, `error` where it does not come. */
export interface MediaFile {
  url?: string;
  error?: unknown;
}

const NOTHING: MediaFile = {};

/**
 * Reads a file with the token of who looks. It is kept for a while after nobody shows it any more.
 * @param path of the file; nothing is read where there is none
 */
export function useMediaFile(path: string | null | undefined): MediaFile {
  const [read, setRead] = useState<{ path: string; file: MediaFile }>();
  useEffect(() => {
    if (path === null || path === undefined) {
      return undefined;
    }
    let isWanted = true;
    const tell = (file: MediaFile) => isWanted && setRead({ path, file });
    const use = files.take(path);
    use.url.then(
      (url) => tell({ url }),
      (error: unknown) => tell({ error }),
    );
    return () => {
      isWanted = false;
      use.release();
    };
  }, [path]);
  return read !== undefined && read.path === path ? read.file : NOTHING;
}

/**
 * Saves a file under a name; nothing of it is opened.
 * @throws ApiError where it could not be read
 */
export async function saveFile(path: string, name: string): Promise<void> {
  const use = files.take(path);
  try {
    const link = document.createElement('a');
    link.href = await use.url;
    link.download = name;
    link.click();
  } finally {
    use.release();
  }
}

async function readFile(path: string, signal: AbortSignal): Promise<Blob> {
  const { response } = await authorized(path, async (url, headers) => {
    const answer = await fetch(url, { headers, signal });
    return { status: answer.status, body: () => answer.json() as Promise<unknown>, response: answer };
  });
  return response.blob();
}
