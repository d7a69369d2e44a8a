/** Where calls to what is tested go. */
export interface ServiceEndpoint {
  /** An address that may answer now; not always the same one where there are several. */
  readonly url: string | undefined;
}

/**
 * @returns the address
 * @throws Error when there is none
 */
export function reachableUrl({ url }: ServiceEndpoint): string {
  if (url === undefined) {
    throw new Error('nothing is up that could take a call');
  }
  return url;
}
