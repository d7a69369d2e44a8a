import { open } from 'node:fs/promises';
import { withTimeout } from '../common/with-timeout.js';
import { mp4Facts } from './mp4-facts.js';
import { oggOpusSeconds } from './ogg-opus.js';

/** What the container of a file says of what is played. */
export interface PlayedFacts {
  seconds?: number | undefined;
  width?: number | undefined;
  height?: number | undefined;
}

const MP4 = /^(?:audio|video)\/(?:mp4|3gpp2?|quicktime|x-m4[av])\b/;
const VOICE = 'audio/ogg; codecs=opus';
/** Longer than anything is. */
const MAX_SECONDS = 2 ** 31;
/** How long reading the headers of a file may take, in ms. */
const LIMIT_MS = 10_000;

/**
 * How long a file lasts when it is played, and how large its picture is.
 * @param path of a file of any size: its headers are read, not all of it
 * @param mimeType by its content
 * @returns nothing of what is not played, says nothing, or is broken
 */
export async function playedFacts(path: string, mimeType: string): Promise<PlayedFacts> {
  if (!/^(?:audio|video)\//.test(mimeType)) {
    return {};
  }
  try {
    const facts = (await withTimeout(read(path, mimeType), LIMIT_MS)) ?? {};
    const { seconds } = facts;
    const isPlausible = seconds !== undefined && seconds >= 0 && seconds < MAX_SECONDS;
    return { ...facts, seconds: isPlausible ? seconds : undefined };
  } catch {
    return {};
  }
}

async function read(path: string, mimeType: string): Promise<PlayedFacts> {
  if (mimeType !== VOICE && !MP4.test(mimeType)) {
    const { parseFile } = await import('music-metadata');
    const { format } = await parseFile(path, { skipCovers: true });
    return { seconds: format.duration };
  }
  const file = await open(path, 'r');
  try {
    return mimeType === VOICE ? { seconds: await oggOpusSeconds(file) } : await mp4Facts(file);
  } finally {
    await file.close();
  }
}
