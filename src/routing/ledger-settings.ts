/** Times of the loss ledger. The class is its own injection token; tests shorten what they wait for. */
export class LedgerSettings {
  /** How long a readable copy may take while the instance is on line without a break, in ms. */
  giveUpAfterMs = 10 * 60_000;
  /** How often to look for what waited in vain, in ms. */
  sweepIntervalMs = 60_000;
}
