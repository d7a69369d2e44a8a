import { addTransactionCapability, DEFAULT_CONNECTION_CONFIG, initAuthCreds } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { lidsOf, phoneOf } from './lid-mapping-keys.js';

const logger = pino({ level: 'silent' });

/** Keys in memory, and the library's own way of keeping pairs in them. */
function aMapping() {
  const values = new Map<string, unknown>();
  const store = {
    get: async (type: string, ids: string[]) =>
      Object.fromEntries(
        ids.flatMap((id) => (values.has(`${type}/${id}`) ? [[id, values.get(`${type}/${id}`)]] : [])),
      ) as never,
    set: async (data: object) => {
      for (const [type, entries] of Object.entries(data) as [string, object][]) {
        Object.entries(entries).forEach(([id, value]) => values.set(`${type}/${id}`, value));
      }
    },
  };
  const keys = addTransactionCapability(store, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 });
  const auth = { creds: initAuthCreds(), keys };
  const { lidMapping, close } = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, async () => []);
  return { lidMapping, keys, close };
}

it('finds pairs where the library keeps them, and not those of a number that moved on', async () => {
  const { lidMapping, keys, close } = aMapping();
  const pair = (pn: string, lid: string) => ({ pn: `${pn}@s.whatsapp.net`, lid: `${lid}@lid` });
  await lidMapping.storeLIDPNMappings([pair('5521900000001', '77001'), pair('5521900000002', '77002')]);
  await lidMapping.storeLIDPNMappings([pair('5521900000002', '77003')]);
  close?.();

  expect(await lidsOf(keys, ['5521900000001', '5521900000002', '5521900000003'])).toEqual({
    '5521900000001': '77001',
    '5521900000002': '77003',
  });
  expect(await Promise.all(['77001', '77002', '77003', '77004'].map((lid) => phoneOf(keys, lid)))).toEqual([
    '5521900000001',
    undefined,
    '5521900000002',
    undefined,
  ]);
});
