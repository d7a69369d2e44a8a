/** A list that is known from the newest on, as far as it was read. */
interface PartOf<Item> {
  items: readonly Item[];
  /** There are older ones that were not read. */
  hasMore: boolean;
}

/**
 * @param parts lists that are each sorted, the newest first
 * @param timeOf gives the moment of an item, as ISO 8601
 * @returns one list of them: only as far back as all are known, so that nothing is put in between later
 */
export function mergeTimelines<Item>(
  parts: readonly PartOf<Item>[],
  timeOf: (item: Item) => string,
): { items: Item[]; hasMore: boolean } {
  const known = knownSince(parts, timeOf);
  const items = parts
    .flatMap((part) => part.items)
    .filter((item) => known === undefined || timeOf(item) >= known)
    .toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : timeOf(a) > timeOf(b) ? -1 : 0));
  return { items, hasMore: parts.some(({ hasMore }) => hasMore) };
}

/** @returns the parts of which more has to be read to go further back, by their place */
export function partsToRead<Item>(parts: readonly PartOf<Item>[], timeOf: (item: Item) => string): number[] {
  const known = knownSince(parts, timeOf);
  return parts.flatMap((part, place) => {
    const last = part.items.at(-1);
    return part.hasMore && (last === undefined || timeOf(last) === known) ? [place] : [];
  });
}

/** The moment since which every list is known; undefined where all are known from the beginning. */
function knownSince<Item>(
  parts: readonly PartOf<Item>[],
  timeOf: (item: Item) => string,
): string | undefined {
  const ends = parts.flatMap(({ items, hasMore }) => {
    const last = items.at(-1);
    return hasMore && last !== undefined ? [timeOf(last)] : [];
  });
  return ends.toSorted().at(-1);
}
