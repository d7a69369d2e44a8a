/**
 * Tells the processes that share a database that there is something about an instance to look up: a request, a changed
 * wish, a lease that became free. A signal carries nothing else and may be lost: all of them look by themselves with
 * their next tick. Injection token of whichever signals are configured.
 */
export abstract class NodeSignals {
  /**
   * Returns at once and never throws.
   *
   * @param instanceId the instance (UUID)
   */
  abstract tell(instanceId: string): void;

  /**
   * @param listener called for what any process told, this one included; must not throw
   * @returns removes the listener
   */
  abstract onTold(listener: (instanceId: string) => void): () => void;
}
