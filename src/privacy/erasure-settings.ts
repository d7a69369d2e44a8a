/** Times of erasures that a caller waits for. The class is its own injection token; tests shorten what they wait for. */
export class ErasureSettings {
  /** How long a caller waits for an erasure to be over, in ms: less than proxies wait. */
  answerWithinMs = 5_000;
}
