import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { EmbeddedNodeSignals } from './embedded-node-signals.js';
import { NodeSignals } from './node-signals.js';

/** Signals that reach all processes by Redis, and this one also while Redis is away. */
export class RedisNodeSignals extends NodeSignals {
  private readonly here = new EmbeddedNodeSignals();

  constructor(
    private readonly broadcast: RedisBroadcast,
    private readonly topic = 'instance',
  ) {
    super();
    broadcast.subscribe(topic, (subject) => this.here.tell(subject));
  }

  override tell(subject: string): void {
    this.broadcast.publish(this.topic, subject);
    this.here.tell(subject);
  }

  override onTold(listener: (subject: string) => void): () => void {
    return this.here.onTold(listener);
  }
}
