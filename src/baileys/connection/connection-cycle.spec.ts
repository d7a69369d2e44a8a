import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { ConnectionCycle, type CycleListener } from './connection-cycle.js';
import type { ReconnectLimiter } from './reconnect-limiter.js';
import { SessionSettings } from '../session-settings.js';

it('does not dial when it gets its slot in the moment in which it is closed', async () => {
  const slot = Promise.withResolvers<() => void>();
  const release = vi.fn<() => void>();
  const makeConnection = vi.fn<CycleListener['makeConnection']>();
  const cycle = new ConnectionCycle(
    new SessionSettings(),
    { acquire: () => slot.promise } as unknown as ReconnectLimiter,
    pino({ level: 'silent' }),
    { makeConnection } as unknown as CycleListener,
  );
  cycle.dial();

  slot.resolve(release);
  await cycle.close();

  expect(makeConnection).not.toHaveBeenCalled();
  expect(release).toHaveBeenCalledOnce();
});
