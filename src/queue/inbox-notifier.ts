/**
 * Tells a worker that rows of an instance wait in the inbox. A ring carries nothing else and may be lost: the rows are
 * the truth, and the worker's sweep finds whatever no bell announced. Injection token of whichever bell is configured.
 */
export abstract class InboxNotifier {
  /**
   * Announces that rows of an instance were committed to the inbox. Returns at once and never throws.
   *
   * @param instanceId the instance (UUID)
   */
  abstract notify(instanceId: string): void;

  /**
   * @param listener called once for each instance that rang since its last call, later than the `ring` itself
   * @returns removes the listener
   */
  abstract onNotification(listener: (instanceId: string) => void): () => void;
}
