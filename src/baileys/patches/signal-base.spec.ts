import { expect, it } from 'vitest';
import { aLibrarySocket, libraryText } from '../../../test/support/library-socket.js';
import { makeSignalBase, type SignalBase } from './signal-base.js';

/** What a wrapper replaces, or leaves to the library, by name. */
const METHODS = [
  'close',
  'decryptGroupMessage',
  'decryptMessage',
  'deleteSession',
  'encryptGroupMessage',
  'encryptMessage',
  'getSenderKeyDistributionMessage',
  'getSessionInfo',
  'hasSenderKey',
  'injectE2ESession',
  'jidToSignalProtocolAddress',
  'lidMapping',
  'migrateSession',
  'processSenderKeyDistributionMessage',
  'validateSession',
];

it('has the keys of the socket, before anything uses them, and the methods that are known', async () => {
  const made: SignalBase[] = [];
  const { socket, close } = await aLibrarySocket({
    makeSignalRepository: (...args) => {
      const base = makeSignalBase(args, ({ isInTransaction }) => expect(isInTransaction()).toBe(false));
      made.push(base);
      return base.base;
    },
  });
  await close();

  expect(made).toHaveLength(1);
  expect(socket.authState.keys).toBe(made[0]!.keys);
  expect(socket.authState.creds).toBe(made[0]!.creds);
  expect(socket.signalRepository).toBe(made[0]!.base);
  // Where a name is missing or new, find out what it does to sessions, and whether it has to be wrapped.
  expect(Object.keys(made[0]!.base).toSorted()).toEqual(METHODS);
});

it('is given an object of its own for each write of a session', () => {
  const source = libraryText('@whiskeysockets/baileys/lib/Signal/libsignal.js');

  // Where this fails, find out whether what the store was given is changed later; see `freeze`.
  expect(source).toMatch(/set\(\{ session: \{ \[wireJid\]: session\.serialize\(\) \} \}\)/);
});
