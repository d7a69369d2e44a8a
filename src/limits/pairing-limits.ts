import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type DomainEvents, DomainEventBus } from '../common/domain-events.js';
import { RateLimitedError } from './rate-limited-error.js';
import { RateLimits } from './rate-limits.js';

/**
 * How often an organization may begin to link a phone. Each beginning costs a connection to WhatsApp, which takes such of one
 * address amiss; one that ends with a link does not count, so that many phones can be linked one after the other.
 */
@Injectable()
export class PairingLimits implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly limits: RateLimits,
    private readonly bus: DomainEventBus,
  ) {}

  onModuleInit(): void {
    this.bus.on('instance.linked', this.onLinked);
  }

  onApplicationShutdown(): void {
    this.bus.off('instance.linked', this.onLinked);
  }

  /** Counts a beginning. @throws RateLimitedError `too_many_pairings` */
  async begin(organizationId: string): Promise<void> {
    const [state] = await this.limits.countPairing(organizationId);
    if (state?.isOver) {
      throw new RateLimitedError(state);
    }
  }

  private readonly onLinked = ({ organizationId }: DomainEvents['instance.linked'][0]): void => {
    void this.limits.forgetPairing(organizationId);
  };
}
