import { Injectable } from '@nestjs/common';
import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { EmbeddedNodeSignals } from './embedded-node-signals.js';
import { NodeSignals } from './node-signals.js';

const TOPIC = 'instance';

/** Signals that reach all processes by Redis, and this one also while Redis is away. */
@Injectable()
export class RedisNodeSignals extends NodeSignals {
  private readonly here = new EmbeddedNodeSignals();

  constructor(private readonly broadcast: RedisBroadcast) {
    super();
    broadcast.subscribe(TOPIC, (instanceId) => this.here.tell(instanceId));
  }

  override tell(instanceId: string): void {
    this.broadcast.publish(TOPIC, instanceId);
    this.here.tell(instanceId);
  }

  override onTold(listener: (instanceId: string) => void): () => void {
    return this.here.onTold(listener);
  }
}
