import { Injectable } from '@nestjs/common';
import { NodeSignals } from './node-signals.js';

/** Signals that reach this process alone; others find out by looking. */
@Injectable()
export class EmbeddedNodeSignals extends NodeSignals {
  private readonly listeners = new Set<(instanceId: string) => void>();

  override tell(instanceId: string): void {
    for (const listener of this.listeners) {
      setImmediate(listener, instanceId);
    }
  }

  override onTold(listener: (instanceId: string) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
