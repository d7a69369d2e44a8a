import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionStoreRepository } from '../../repositories/session-store.repository.js';
import type { Session } from './session.js';
import type { SessionContext } from './session-context.js';
import { SessionRegistry } from './session-registry.js';

describe('SessionRegistry', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('leaves a session that was handed over to the other nodes, although a call came for it meanwhile', async () => {
    const instance = { id: 'instance', organizationId: 'org' };
    const acquire = vi.fn<() => Promise<object>>(() => Promise.resolve({ heldBy: 'b' }));
    const releasing = Promise.withResolvers<undefined>();
    const context = {
      loader: { acquire },
      outbound: { vacate: () => Promise.resolve() },
      settings: { outbound: { closeMs: 0 } },
    } as unknown as SessionContext;
    const store = { releaseSession: () => releasing.promise } as unknown as SessionStoreRepository;
    const registry = new SessionRegistry(context, store);
    const session = {
      instance,
      handle: { instanceId: instance.id, epoch: 1 },
      close: () => Promise.resolve(),
    } as unknown as Session;

    const handingOver = registry.exclusively(instance.id, () => registry.handOver(session, 'handed_over'));
    const called = registry.bringBack(instance, true);
    releasing.resolve(undefined);
    await handingOver;

    expect(await called).toEqual({ heldBy: '' });
    expect(acquire).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await registry.bringBack(instance, true)).toEqual({ heldBy: 'b' });
  });
});
