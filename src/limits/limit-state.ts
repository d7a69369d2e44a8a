/**
 * What is limited: one API key or user, an organization, an address without a valid token, wrong tokens of an address, phones
 * that an organization begins to link and does not link, tries of an address or a person to sign in.
 */
export type BucketName = 'key' | 'organization' | 'address' | 'failed-authentication' | 'pairing' | 'sign-in';

/** How a caller stands after a call was counted. */
export interface LimitState {
  name: BucketName;
  /** Calls a minute. */
  limit: number;
  /** Calls left until then. */
  remaining: number;
  /** Until the count begins anew. */
  resetSeconds: number;
  isOver: boolean;
  /** The first of a minute that is too much: worth a line in the log. */
  isFirstOver: boolean;
}

/** @returns the one that ends first: the least calls left, and of those over their limit the one that lasts longest */
export function tightest(states: readonly LimitState[]): LimitState | undefined {
  return states.toSorted((a, b) => a.remaining - b.remaining || b.resetSeconds - a.resetSeconds)[0];
}
