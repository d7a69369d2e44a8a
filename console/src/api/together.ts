/** What is asked for within this time is read in one call. */
const MOMENT_MS = 10;
/** So many ids fit into an address. */
const MAX_COUNT = 100;

interface Batch<Item> {
  ids: Set<string>;
  answer: Promise<ReadonlyMap<string, Item>>;
}

/**
 * @param read reads items of an organization; what it does not find is missing in its answer
 * @returns reads one item, together with the others of its organization that are asked for at the moment; undefined where it was not found
 */
export function together<Item extends { id: string }>(
  read: (organizationId: string, ids: string[]) => Promise<readonly Item[]>,
): (organizationId: string, id: string) => Promise<Item | undefined> {
  const open = new Map<string, Batch<Item>>();
  const begin = (organizationId: string): Batch<Item> => {
    const ids = new Set<string>();
    const answer = new Promise((resolve) => setTimeout(resolve, MOMENT_MS)).then(async () => {
      if (open.get(organizationId)?.ids === ids) {
        open.delete(organizationId);
      }
      return new Map((await read(organizationId, [...ids])).map((item) => [item.id, item]));
    });
    const batch = { ids, answer };
    open.set(organizationId, batch);
    return batch;
  };
  return async (organizationId, id) => {
    const current = open.get(organizationId);
    const { ids, answer } =
      current !== undefined && current.ids.size < MAX_COUNT ? current : begin(organizationId);
    ids.add(id);
    return (await answer).get(id);
  };
}
