import { expect, it, vi } from 'vitest';
import type { Instance } from '../../repositories/instance.js';
import { LocalSessions } from './local-sessions.js';
import type { Sender } from '../outbound/sender.js';
import type { Session } from '../session.js';
import type { SessionContext } from '../session-context.js';
import type { SessionRegistry } from '../session-registry.js';

const instance = { id: 'instance', hasSession: false } as Instance;

function scene(session: Partial<Session> | undefined) {
  const wipe = vi.fn<SessionRegistry['wipe']>().mockResolvedValue();
  const registry = {
    exclusively: <T>(_id: string, step: () => Promise<T>) => step(),
    get: () => session,
    close: () => Promise.resolve(),
    wipe,
  } as unknown as SessionRegistry;
  return { wipe, local: new LocalSessions(registry, {} as Sender, {} as SessionContext) };
}

it('forgets a session that it ran only if nobody has taken it over since', async () => {
  const { wipe, local } = scene({ isLinked: false, handle: { epoch: 7 } as Session['handle'] });

  await local.logoutAndWipe(instance, { deleted: true });

  expect(wipe).toHaveBeenCalledExactlyOnceWith('instance', { epoch: 7, deleted: true });
});

it('forgets a session that nobody runs, whoever ran it last', async () => {
  const { wipe, local } = scene(undefined);

  await local.logoutAndWipe(instance, { deleted: false });

  expect(wipe).toHaveBeenCalledExactlyOnceWith('instance', { epoch: null, deleted: false });
});
