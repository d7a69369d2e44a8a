import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { clientAddress, type ProxyTrust, proxyTrust, type Sender } from '../http/client-address.js';
import { RateLimitedError } from './rate-limited-error.js';
import { RateLimits } from './rate-limits.js';

/** How often somebody may try to sign in: from one address, and as one person from wherever. */
@Injectable()
export class SignInLimits {
  private readonly trust: ProxyTrust;

  constructor(
    private readonly limits: RateLimits,
    config: AppConfig,
  ) {
    this.trust = proxyTrust(config);
  }

  /**
   * Counts a try.
   * @param email of the person; kept as a hash
   * @throws RateLimitedError `rate_limited`
   */
  async count(sender: Sender, email: string): Promise<void> {
    const person = createHash('sha256').update(email.trim().toLowerCase()).digest('base64url');
    const states = await this.limits.countSignIn([clientAddress(sender, this.trust), person]);
    const over = states.find(({ isOver }) => isOver);
    if (over !== undefined) {
      throw new RateLimitedError(over);
    }
  }
}
