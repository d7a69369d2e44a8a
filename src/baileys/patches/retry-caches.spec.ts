import { MessageRetryManager } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { aLibrarySocket } from '../../../test/support/library-socket.js';
import { slimRetryCaches } from './retry-caches.js';

interface Internals {
  recentMessagesMap: LRUCache<string, object>;
  baseKeys: LRUCache<string, object>;
  messageKeyIndex: Map<string, string>;
}

const aManager = () => new MessageRetryManager(pino({ level: 'silent' }), 5);
const internalsOf = (manager: unknown) => manager as Internals;

it('finds caches that are bounded by their number, for which memory is taken in advance', () => {
  const { recentMessagesMap, baseKeys } = internalsOf(aManager());

  for (const cache of [recentMessagesMap, baseKeys]) {
    expect(cache).toBeInstanceOf(LRUCache);
    expect(cache.max).toBeGreaterThan(0);
    expect(cache.maxSize).toBe(0);
  }
});

it('puts in their place what has the same bounds and times, on every socket', async () => {
  const { socket, close } = await aLibrarySocket();
  await close();
  const before = internalsOf(aManager());
  const after = internalsOf(socket.messageRetryManager);

  for (const name of ['recentMessagesMap', 'baseKeys'] as const) {
    expect(after[name]).toMatchObject({
      max: 0,
      maxSize: before[name].max,
      ttl: before[name].ttl,
      ttlAutopurge: before[name].ttlAutopurge,
    });
  }
});

it('remembers so many messages as before, and forgets where the others were', () => {
  const manager = aManager();
  const bound = internalsOf(manager).recentMessagesMap.max;
  slimRetryCaches({ messageRetryManager: manager });

  for (let index = 0; index <= bound; index++) {
    manager.addRecentMessage('1@s.whatsapp.net', `id-${index}`, { conversation: String(index) });
  }

  expect(manager.getRecentMessage('1@s.whatsapp.net', 'id-0')).toBeUndefined();
  expect(manager.getRecentMessage('1@s.whatsapp.net', 'id-1')?.message).toEqual({ conversation: '1' });
  expect(internalsOf(manager).messageKeyIndex.size).toBe(bound);
});
