import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { clientAddress, type ProxyTrust, proxyTrust, type Sender } from '../http/client-address.js';
import { RateLimitedError } from './rate-limited-error.js';
import { type LimitedCaller, RateLimits } from './rate-limits.js';
import { type LimitState, tightest } from './limit-state.js';
import { KeyedSemaphore } from '../common/keyed-semaphore.js';

/** Tokens that are looked up at a time for an address that sends too many wrong ones. */
const LOOKUPS_AT_ONCE = 4;
/** As many as there can be connections, each of which waits for one: a valid token must find a place behind all wrong ones. */
const MAX_WAITING = 10_000;
const MAX_SUSPECTS = 10_000;

/** A caller who wants in. */
export interface Attempt {
  /** What it sent, if anything. */
  token: string | undefined;
  /** Finds out who it is; may cost a query. */
  authenticate: () => Promise<Principal>;
}

type Verdict = { principal: Principal } | { refusal: AppError };

/** Counts calls by who makes them, for REST and Socket.IO alike. */
@Injectable()
export class CallLimits {
  private readonly trust: ProxyTrust;
  /** Addresses that are over their limit of wrong tokens, for as long as they are. */
  private readonly suspects = new LRUCache<string, LimitState>({ max: MAX_SUSPECTS });
  private readonly lookups = new KeyedSemaphore(LOOKUPS_AT_ONCE, MAX_WAITING);

  constructor(
    private readonly limits: RateLimits,
    config: AppConfig,
  ) {
    this.trust = proxyTrust(config);
  }

  /**
   * Counts a call. The token is checked first, because a valid one is to be answered whatever else its address does; what it
   * may cost others to check the wrong ones of an address is bounded.
   * @param sender an HTTP request, or the handshake of a socket
   * @param onCounted told how the caller stands, also before a refusal
   * @returns whom to count further calls of the same connection for
   * @throws RateLimitedError `rate_limited`, when it is one too many
   * @throws AppError when the token could not be checked
   */
  async count(
    sender: Sender,
    attempt: Attempt,
    onCounted: (states: readonly LimitState[]) => void = () => undefined,
  ): Promise<LimitedCaller> {
    const address = clientAddress(sender, this.trust);
    const verdict = await this.judge(address, attempt);
    const caller = { address, ...('principal' in verdict && identityOf(verdict.principal)) };
    const isGuess =
      attempt.token !== undefined && 'refusal' in verdict && verdict.refusal.code === 'unauthorized';
    const states = isGuess ? await this.countGuess(address) : await this.limits.count(caller);
    onCounted(states);
    refuse(states);
    return caller;
  }

  /** Counts one more call of a caller that is known. @throws RateLimitedError `rate_limited` */
  async countAgain(caller: LimitedCaller): Promise<void> {
    refuse(await this.limits.count(caller));
  }

  private async judge(address: string, { token, authenticate }: Attempt): Promise<Verdict> {
    const suspect = token === undefined ? undefined : this.suspects.get(address);
    if (suspect === undefined) {
      return verdictOf(authenticate);
    }
    if (!this.lookups.hasPlaceFor(address)) {
      throw new RateLimitedError(suspect);
    }
    return this.lookups.run(address, () => verdictOf(authenticate));
  }

  private async countGuess(address: string): Promise<LimitState[]> {
    const states = await this.limits.countFailure(address);
    const over = states.find(({ isOver }) => isOver);
    if (over !== undefined) {
      this.suspects.set(address, over, { ttl: over.resetSeconds * 1_000 });
    }
    return states;
  }
}

async function verdictOf(authenticate: () => Promise<Principal>): Promise<Verdict> {
  try {
    return { principal: await authenticate() };
  } catch (error) {
    if (error instanceof AppError && error.status < 500) {
      return { refusal: error };
    }
    throw error;
  }
}

function identityOf({ kind, id, grants }: Principal): Omit<LimitedCaller, 'address'> {
  if (kind === 'open') {
    return {};
  }
  // A user of several organizations is bounded alone: which of them a call is about is not known yet.
  const [organizationId, ...others] = grants === 'all' ? [] : grants.keys();
  return { principalId: id, ...(organizationId !== undefined && others.length === 0 && { organizationId }) };
}

function refuse(states: readonly LimitState[]): void {
  const first = tightest(states.filter(({ isOver }) => isOver));
  if (first !== undefined) {
    throw new RateLimitedError(first);
  }
}
