/** Where calls to what is tested go. */
export interface Doors {
  /** An address that may answer now; not always the same one where there are several. */
  readonly url: string | undefined;
}

/**
 * @returns the address
 * @throws Error when there is none
 */
export function openDoor({ url }: Doors): string {
  if (url === undefined) {
    throw new Error('nothing is up that could take a call');
  }
  return url;
}
