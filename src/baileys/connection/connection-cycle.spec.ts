import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { ConnectionCycle, type CycleListener, type DialGate } from './connection-cycle.js';
import { SessionSettings } from '../settings/session-settings.js';

it('does not dial when it gets its slot in the moment in which it is closed', async () => {
  const slot = Promise.withResolvers<() => void>();
  const release = vi.fn<() => void>();
  const makeConnection = vi.fn<CycleListener['makeConnection']>();
  const cycle = new ConnectionCycle(
    new SessionSettings(),
    { acquire: () => slot.promise },
    pino({ level: 'silent' }),
    { makeConnection } as unknown as CycleListener,
  );
  cycle.dial();

  slot.resolve(release);
  await cycle.close();

  expect(makeConnection).not.toHaveBeenCalled();
  expect(release).toHaveBeenCalledOnce();
});

it('keeps its place among those that wait, however often it is asked, and gives it up when it becomes urgent or ends', async () => {
  const places: { isUrgent: boolean; signal: AbortSignal }[] = [];
  const acquire: DialGate['acquire'] = (isUrgent, signal) => {
    places.push({ isUrgent, signal });
    return new Promise(() => undefined);
  };
  const cycle = new ConnectionCycle(
    new SessionSettings(),
    { acquire },
    pino({ level: 'silent' }),
    {} as CycleListener,
  );
  const status = () => places.map(({ isUrgent, signal }) => [isUrgent, signal.aborted]);

  cycle.dial();
  cycle.dial();
  expect(status()).toEqual([[false, false]]);
  cycle.dial(true);
  cycle.dial(true);
  cycle.dial();
  expect(status()).toEqual([
    [false, true],
    [true, false],
  ]);
  await cycle.close();

  expect(status()).toEqual([
    [false, true],
    [true, true],
  ]);
});
