import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { RedisLinks } from '../redis/redis-links.js';
import { Bucket } from './bucket.js';
import type { BucketName, LimitState } from './limit-state.js';

/** Whose calls are counted. */
export interface LimitedCaller {
  address: string;
  /** The key or user; undefined for a call without a valid token, and for all calls of an open service. */
  principalId?: string;
  /** Where the caller belongs to exactly one. */
  organizationId?: string;
}

/**
 * Counts calls. Nobody can use up what is another's: calls with a valid token count for the key and its organization alone,
 * others for their address, and wrong tokens once more, strictly. So a valid key is answered whatever others behind the same
 * address do.
 */
@Injectable()
export class RateLimits {
  private readonly log: Logger;
  private readonly buckets: Partial<Record<BucketName, Bucket>>;

  constructor({ rateLimits, pairingsPerMinute }: AppConfig, logs: Logs, links?: RedisLinks) {
    this.log = logs.component('limits');
    const bucket = (name: BucketName, limit: number) => ({
      ...(limit > 0 && { [name]: new Bucket(name, limit, links) }),
    });
    this.buckets = {
      ...bucket('key', rateLimits.key),
      ...bucket('organization', rateLimits.organization),
      ...bucket('address', rateLimits.address),
      ...bucket('failed-authentication', rateLimits.failedAuth),
      ...bucket('pairing', pairingsPerMinute),
      ...bucket('sign-in', rateLimits.signIn),
    };
  }

  /** Counts a call. @returns how the caller stands with every limit that applies; none where limits are off */
  async count({ address, principalId, organizationId }: LimitedCaller): Promise<LimitState[]> {
    if (principalId === undefined) {
      return this.countIn([['address', address]]);
    }
    const own: [BucketName, string][] = [['key', principalId]];
    return this.countIn(organizationId === undefined ? own : [...own, ['organization', organizationId]]);
  }

  /** Counts a wrong token. @returns how its address stands */
  async countFailure(address: string): Promise<LimitState[]> {
    return this.countIn([['failed-authentication', address]]);
  }

  /** Counts a try to sign in. @param callers from where, and whom */
  async countSignIn(callers: readonly string[]): Promise<LimitState[]> {
    return this.countIn(callers.map((caller) => ['sign-in', caller]));
  }

  /** Counts that linking a phone begins. @returns how the organization stands */
  async countPairing(organizationId: string): Promise<LimitState[]> {
    return this.countIn([['pairing', organizationId]]);
  }

  /** A phone was linked: its beginning does not count. */
  async forgetPairing(organizationId: string): Promise<void> {
    await this.buckets.pairing?.giveBack(organizationId);
  }

  private async countIn(counted: readonly [BucketName, string][]): Promise<LimitState[]> {
    const counting = counted.flatMap(([name, caller]) => {
      const bucket = this.buckets[name];
      return bucket === undefined ? [] : [this.countOne(bucket, caller)];
    });
    return Promise.all(counting);
  }

  private async countOne(bucket: Bucket, caller: string): Promise<LimitState> {
    const state = await bucket.count(caller);
    if (state.isFirstOver) {
      this.log.warn({ limit: bucket.name, caller }, 'rate limit reached');
    }
    return state;
  }
}
