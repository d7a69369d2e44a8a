import type { PlaceBounds } from './app-config.js';
import { type Environment, MAX_REQUESTS } from './environment.js';

const RESERVED_REQUESTS = 100;

/** @returns how many sockets callers may have open in this process */
export function socketBounds(env: Environment): PlaceBounds {
  const total = Number(env.SOCKETS_PER_PROCESS ?? 5_000);
  return {
    key: Number(env.SOCKETS_PER_KEY ?? 250),
    user: Number(env.SOCKETS_PER_USER ?? 50),
    // With its requests fewer than an address may have connections: others behind the same one find a place.
    organization: Number(env.SOCKETS_PER_ORGANIZATION ?? 500),
    address: 0,
    total,
    reserved: Number(env.SOCKETS_RESERVED ?? Math.min(100, Math.floor(total / 10))),
  };
}

/** @returns how many requests of callers may be under way in this process */
export function requestBounds(env: Environment): PlaceBounds {
  const key = Number(env.CONCURRENT_REQUESTS_PER_KEY ?? 400);
  return {
    key,
    user: key,
    organization: Number(env.CONCURRENT_REQUESTS_PER_ORGANIZATION ?? 450),
    address: Number(env.CONCURRENT_REQUESTS_PER_ADDRESS ?? 900),
    total: MAX_REQUESTS,
    reserved: RESERVED_REQUESTS,
  };
}

/** @returns whether all sockets of a process would be administrators' */
export function isAllReserved(env: Environment): boolean {
  const { total, reserved } = socketBounds(env);
  return reserved >= total;
}
