import {
  type IRateLimiterOptions,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import type { RedisLinks } from '../redis/redis-links.js';
import { MemoryLimiter } from './memory-limiter.js';
import type { BucketName, LimitState } from './limit-state.js';

/** All limits are of calls a minute. */
export const WINDOW_SECONDS = 60;
/** A Redis that hangs must not hold every call up: until it answers or is given up, this process counts by itself. */
const REDIS_TIMEOUT_MS = 250;

type Limiter = Pick<MemoryLimiter, 'consume' | 'reward'>;

/** Counts the calls of each of many callers against one limit; with Redis, in all processes together. */
export class Bucket {
  private readonly limiter: Limiter;

  /**
   * @param name as the headers and the log have it
   * @param limit calls a minute, at least 1
   * @param links undefined without Redis
   */
  constructor(
    readonly name: BucketName,
    readonly limit: number,
    links: RedisLinks | undefined,
  ) {
    const options = { points: limit, duration: WINDOW_SECONDS };
    this.limiter = links === undefined ? new MemoryLimiter(options) : shared(name, options, links);
  }

  /** Counts one call; never throws. */
  async count(caller: string): Promise<LimitState> {
    try {
      return this.toLimitState(await this.limiter.consume(caller), false);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) {
        return this.toLimitState(refusal, true);
      }
      throw refusal;
    }
  }

  /** One that was counted is not to count; never throws. */
  async giveBack(caller: string): Promise<void> {
    await this.limiter.reward(caller).catch(() => undefined);
  }

  private toLimitState(result: RateLimiterRes, isOver: boolean): LimitState {
    const { name, limit } = this;
    return {
      name,
      limit,
      remaining: isOver ? 0 : result.remainingPoints,
      resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)),
      isOver,
      isFirstOver: result.consumedPoints === limit + 1,
    };
  }
}

/** Who is over the limit already is known here and costs Redis nothing; while it is away each process counts alone. */
function shared(name: string, options: IRateLimiterOptions, { commands, prefix }: RedisLinks): Limiter {
  const limiter = new RateLimiterRedis({
    ...options,
    storeClient: commands,
    keyPrefix: `${prefix}:limit:${name}`,
    rejectIfRedisNotReady: true,
    inMemoryBlockOnConsumed: options.points! + 1,
    insuranceLimiter: new MemoryLimiter(options),
  });
  return new RLWrapperTimeouts({ limiter, timeoutMs: REDIS_TIMEOUT_MS });
}
