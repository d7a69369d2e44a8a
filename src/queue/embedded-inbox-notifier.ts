import { Injectable } from '@nestjs/common';
import { Logs } from '../logging/logs.js';
import { InboxNotifier } from './inbox-notifier.js';

type RingListener = (instanceId: string) => void;

/** The bell of a single process: rings of one turn of the event loop are heard as one for each instance. */
@Injectable()
export class EmbeddedInboxNotifier extends InboxNotifier {
  private readonly listeners = new Set<RingListener>();
  private readonly rung = new Set<string>();
  private readonly log: ReturnType<Logs['component']>;

  constructor(logs: Logs) {
    super();
    this.log = logs.component('queue');
  }

  override notify(instanceId: string): void {
    if (this.rung.size === 0) {
      setImmediate(() => this.deliver());
    }
    this.rung.add(instanceId);
  }

  override onNotification(listener: RingListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private deliver(): void {
    const instanceIds = [...this.rung];
    this.rung.clear();
    for (const instanceId of instanceIds) {
      for (const listener of this.listeners) {
        this.call(listener, instanceId);
      }
    }
  }

  private call(listener: RingListener, instanceId: string): void {
    try {
      listener(instanceId);
    } catch (err) {
      this.log.error({ err, instanceId }, 'bell listener failed');
    }
  }
}
