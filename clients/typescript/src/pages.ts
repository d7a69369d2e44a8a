import type { CallOptions } from './client-options.js';

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  /** Give it as `cursor` to go on; undefined at the end. */
  nextCursor: string | undefined;
}

/** Something of which there are many. */
export abstract class Listing<Query extends { cursor?: string }, Item> {
  /**
   * Reads one page.
   * @throws AuzapError
   */
  abstract page(query?: Query, options?: CallOptions): Promise<Page<Item>>;

  /**
   * Goes through all that fit, page after page, each read when it is needed.
   * @throws AuzapError
   */
  async *list(query?: Query, options?: CallOptions): AsyncGenerator<Item, void, undefined> {
    let cursor = query?.cursor;
    do {
      const page = await this.page({ ...query, ...(cursor !== undefined && { cursor }) } as Query, options);
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

/** @param cursor as the service gives it: null at the end */
export function pageOf<Item>(items: Item[], cursor: string | null): Page<Item> {
  return { items, nextCursor: cursor ?? undefined };
}
