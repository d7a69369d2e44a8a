import { expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import type { Instance } from '../../repositories/instance.js';
import { LocalSessions } from './local-sessions.js';
import type { MessageSender } from '../outbound/message-sender.js';
import type { ChatActions } from '../outbound/chat-actions.js';
import type { Session } from '../session/session.js';
import type { SessionContext } from '../session/session-context.js';
import type { SessionRegistry } from '../session/session-registry.js';

const instance = { id: 'instance', hasSession: false } as Instance;

function scene(parts: Partial<SessionRegistry>) {
  const remove = vi.fn<SessionRegistry['remove']>().mockResolvedValue();
  const registry = {
    exclusively: <T>(_id: string, step: () => Promise<T>) => step(),
    get: () => undefined,
    remove,
    ...parts,
  } as unknown as SessionRegistry;
  const context = { settings: { logoutAnswerMs: 1 }, config: { logoutHours: 2 } } as SessionContext;
  return { remove, local: new LocalSessions(registry, {} as MessageSender, {} as ChatActions, context) };
}

it('waits for a logout no longer than a caller can', async () => {
  const session = { isLeaving: true, cleanedUp: new Promise<void>(() => undefined) } as Session;
  const { remove, local } = scene({ get: () => session });

  await local.logOut(instance);

  expect(remove).toHaveBeenCalledExactlyOnceWith(session, 2 * 3_600_000, true);
});

it('takes a session over that nobody runs, and leaves one that somebody else runs', async () => {
  const session = { isLeaving: false } as Session;
  const free = scene({ open: () => Promise.resolve(session) });
  const held = scene({ open: () => Promise.resolve({ heldBy: 'b' }) });

  expect(await free.local.logOut(instance)).toBeUndefined();
  expect(await held.local.logOut(instance)).toEqual({ heldBy: 'b' });

  expect(free.remove).toHaveBeenCalledOnce();
  expect(held.remove).not.toHaveBeenCalled();
});

it('has nothing to do where it is over, and begins nothing at a shutdown', async () => {
  const over = scene({ open: () => Promise.reject(new AppError('instance_not_found')) });
  const stopping = scene({ open: () => Promise.reject(new Error('taken over at a shutdown')) });
  stopping.local.stop();

  expect(await over.local.logOut(instance)).toBeUndefined();
  expect(await stopping.local.logOut(instance)).toBeUndefined();
});
