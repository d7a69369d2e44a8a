import {
  addTransactionCapability,
  DEFAULT_CONNECTION_CONFIG,
  initAuthCreds,
  type SignalDataSet,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { type LidMapping, rememberedLid, rememberedPhone } from './lid-mapping-memory.js';

const LOGGER = pino({ level: 'silent' });
const PAIR = { lid: '200000000001@lid', pn: '5521988776655@s.whatsapp.net' };

function aMapping(stored: Record<string, string> = {}) {
  const writes: SignalDataSet[] = [];
  const asked: string[] = [];
  const store: SignalKeyStore = {
    get: async (_type, ids) => {
      asked.push(...ids);
      return Object.fromEntries(ids.flatMap((id) => (id in stored ? [[id, stored[id]]] : []))) as never;
    },
    set: async (data) => void writes.push(data),
  };
  const keys = addTransactionCapability(store, LOGGER, { maxCommitRetries: 1, delayBetweenTriesMs: 1 });
  const auth = { creds: initAuthCreds(), keys };
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, LOGGER, async () => []);
  return { mapping: repository.lidMapping as LidMapping, keys, writes, asked };
}

it('has what the library was told, at once, also where it is not stored yet', async () => {
  const { mapping, keys, writes } = aMapping();
  await keys.transaction(async () => {
    await mapping.storeLIDPNMappings([PAIR]);

    expect(writes).toEqual([]);
    expect(rememberedLid(mapping, '5521988776655')).toBe('200000000001');
    expect(rememberedPhone(mapping, '200000000001')).toBe('5521988776655');
  }, 'a send');
});

it('has what the library looked up, and nothing that it would have to look up', async () => {
  const { mapping, asked } = aMapping({ '5521988776655': '200000000001' });
  const before = rememberedLid(mapping, '5521988776655');
  await mapping.getLIDForPN(PAIR.pn);
  const lookUps = asked.length;

  expect(before).toBeUndefined();
  expect(rememberedLid(mapping, '5521988776655')).toBe('200000000001');
  expect(await mapping.getLIDForPN('5521988776655:7@s.whatsapp.net')).toBe('200000000001:7@lid');
  expect(asked).toHaveLength(lookUps);
  expect(rememberedPhone(mapping, '200000000002')).toBeUndefined();
});
