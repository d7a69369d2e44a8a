import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { libraryText } from '../../../test/support/library-socket.js';
import { signalAddressLock } from './address-lock.js';

type QueueJob = <T>(bucket: string, work: () => Promise<T>) => Promise<T>;

const queueJob = createRequire(import.meta.url)('libsignal/src/queue_job.js') as QueueJob;
const session = new AsyncLocalStorage<string>();

/** Two sessions have something to do for one address at the same time. @returns in whose context it was done */
async function contexts(run: (work: () => Promise<string | undefined>) => Promise<string | undefined>) {
  const work = async () => {
    await turn();
    return session.getStore();
  };
  return Promise.all(['mine', 'yours'].map((name) => session.run(name, () => run(work))));
}

it('keeps the work of each session in its own context, which the queue of libsignal alone does not', async () => {
  const bare = await contexts((work) => queueJob('ana.0', work));
  const locked = await contexts((work) => signalAddressLock.run('ana.0', () => queueJob('ana.0', work)));

  // Where this fails libsignal has mended it, and the lock may go.
  expect(bare).toEqual(['mine', 'mine']);
  expect(locked).toEqual(['mine', 'yours']);
});

it('is asked for the names that libsignal queues by', () => {
  const files = ['session_cipher.js', 'session_builder.js'].map((file) =>
    libraryText(`libsignal/src/${file}`),
  );

  expect(
    files.map((text) => text.includes('queueJob(fqAddr') || text.includes('queueJob(this.addr.toString()')),
  ).toEqual([true, true]);
});
