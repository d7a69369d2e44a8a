import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DomainEventBus } from '../common/domain-events.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { PairingLimits } from './pairing-limits.js';
import { RateLimits } from './rate-limits.js';

const silent = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
const rateLimits = { key: 0, organization: 0, address: 0, failedAuth: 0 };

let bus: DomainEventBus;
let pairings: PairingLimits;

function start(pairingsPerMinute: number): void {
  bus = new DomainEventBus();
  const config = { rateLimits, pairingsPerMinute } as AppConfig;
  pairings = new PairingLimits(new RateLimits(config, silent), bus);
  pairings.onModuleInit();
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  pairings.onApplicationShutdown();
  vi.useRealTimers();
});

it('refuses what an organization begins beyond its limit, until the minute is over', async () => {
  start(2);
  await pairings.begin('a');
  await pairings.begin('a');

  await expect(pairings.begin('a')).rejects.toMatchObject({
    status: 429,
    code: 'too_many_pairings',
    headers: { 'Retry-After': '60' },
  });
  await pairings.begin('b');
  await vi.advanceTimersByTimeAsync(60_000);
  await expect(pairings.begin('a')).resolves.toBeUndefined();
});

it('does not count what led to a link', async () => {
  start(2);
  for (let phone = 0; phone < 100; phone++) {
    await pairings.begin('a');
    bus.emit('instance.linked', { organizationId: 'a', instanceId: String(phone) });
    await vi.advanceTimersByTimeAsync(1);
  }
  await pairings.begin('a');
  await pairings.begin('a');

  await expect(pairings.begin('a')).rejects.toMatchObject({ code: 'too_many_pairings' });
});

it('limits nothing where it is told 0', async () => {
  start(0);
  await Promise.all(Array.from({ length: 1_000 }, () => pairings.begin('a')));

  expect(bus.emit('instance.linked', { organizationId: 'a', instanceId: '1' })).toBe(true);
});
