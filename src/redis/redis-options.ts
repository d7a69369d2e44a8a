import type { RedisOptions } from 'ioredis';

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 2_000;
/** A connection that owes an answer for so long is dead, whatever TCP says. */
const SILENCE_TIMEOUT_MS = 5_000;
/** Longer than a worker's longest wait for a job, which is 10 s. */
const BLOCKING_SILENCE_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/** @returns how long to wait before the n-th attempt to connect: doubling, capped, and spread; in ms */
function retryStrategy(times: number): number {
  const full = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10));
  return Math.round(full / 2 + (Math.random() * full) / 2);
}

const COMMON: RedisOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: 10_000,
  retryStrategy,
  // A replica that was the master a moment ago: the next connection finds the new one.
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
};

/** For calls that are better lost than late: they fail at once while Redis is away, and within 2 s when it hangs. */
export const IMPATIENT: RedisOptions = {
  ...COMMON,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_TIMEOUT_MS,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
};

/** For subscriptions, few and made once: they wait for Redis, and are made again whenever it comes back. */
export const SUBSCRIBING: RedisOptions = {
  ...COMMON,
  socketTimeout: SILENCE_TIMEOUT_MS,
  maxRetriesPerRequest: null,
};

/** For BullMQ, which repeats its commands until Redis is back and blocks while it waits for jobs. */
export const PATIENT: RedisOptions = {
  ...COMMON,
  socketTimeout: BLOCKING_SILENCE_TIMEOUT_MS,
  maxRetriesPerRequest: null,
};
