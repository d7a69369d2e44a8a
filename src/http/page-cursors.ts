/** @returns where the lists of REST go on, in both directions */
export function cursorsOf(page: { nextCursor: string | null; previousCursor: string | null }): {
  next_cursor: string | null;
  previous_cursor: string | null;
} {
  return { next_cursor: page.nextCursor, previous_cursor: page.previousCursor };
}
