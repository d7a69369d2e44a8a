/** What WhatsApp limits of an account. */
// No interface: it is stored as JSON.
export type AccountRestriction = {
  /** `new_chats`: it writes to nobody who did not write before. */
  kind: 'new_chats';
  /** WhatsApp's name for why, in lower case. */
  reason: string;
  /** ISO 8601 UTC; null: it was not said. */
  until: string | null;
};

/** @returns the restriction, unless its time is over */
export function inForce(restriction: AccountRestriction | null, nowMs: number): AccountRestriction | null {
  const until = restriction?.until ?? null;
  return until !== null && Date.parse(until) <= nowMs ? null : restriction;
}
