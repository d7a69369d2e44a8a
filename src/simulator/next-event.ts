import type { EventEmitter } from 'node:events';
import type { SimulatorEventMap } from './simulator-events.js';

/** Resolves with the next event that fits; rejects after the timeout, or when the signal says the emitter stopped. */
export function nextEvent<K extends keyof SimulatorEventMap>(
  emitter: EventEmitter<SimulatorEventMap>,
  event: K,
  filter: (payload: SimulatorEventMap[K][0]) => boolean,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<SimulatorEventMap[K][0]> {
  const source = emitter as EventEmitter;
  const { promise, resolve, reject } = Promise.withResolvers<SimulatorEventMap[K][0]>();
  const listener = (payload: SimulatorEventMap[K][0]): void => {
    if (filter(payload)) {
      finish();
      resolve(payload);
    }
  };
  const fail = (reason: string): void => {
    finish();
    reject(new Error(`no ${event}: ${reason}`));
  };
  const stopped = (): void => fail('the simulator stopped');
  const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
  const finish = (): void => {
    clearTimeout(timer);
    source.off(event, listener);
    signal.removeEventListener('abort', stopped);
  };
  source.on(event, listener);
  signal.addEventListener('abort', stopped);
  promise.catch(() => undefined);
  return promise;
}
