/**
 * How long a file lasts when it is played.
 * @param path of a file of any size: its headers are read, not all of it
 * @returns in seconds; undefined for what has no such time, or is broken
 */
export async function playedSeconds(path: string): Promise<number | undefined> {
  try {
    const { parseFile } = await import('music-metadata');
    const { format } = await parseFile(path, { skipCovers: true });
    const { duration } = format;
    return duration !== undefined && Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  } catch {
    return undefined;
  }
}
