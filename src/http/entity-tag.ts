/** The header of a write that two people may do at once, as `ApiHeader` documents it. */
export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The `ETag` that was read: nothing is changed where somebody else was first.',
  schema: { type: 'string' },
} as const;

const TAG = /(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g;

/**
 * @param version of an object, without quotes
 * @returns its `ETag` header (RFC 9110, section 8.8.3)
 */
export function entityTag(version: string): string {
  return `"${version}"`;
}

/**
 * @param header `If-Match` as it came (RFC 9110, section 13.1.1); undefined where there is none
 * @returns the versions one of which the object must have; undefined where any will do. A weak tag names none, for it does not tell
 *   one version from another
 */
export function versionsOf(header: string | undefined): string[] | undefined {
  if (header === undefined || header.trim() === '*') {
    return undefined;
  }
  return [...header.matchAll(TAG)].filter(([tag]) => !tag.startsWith('W/')).map(([, version]) => version!);
}
