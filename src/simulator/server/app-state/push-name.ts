import { encodeSyncdPatch, newLTHashState, proto } from '@whiskeysockets/baileys';
import type { Phone } from '../../phones/phone.js';

const COLLECTION = 'critical_block';

/** Publishes the owner's push name in the account's app state, where a linked client learns it. Does nothing the second time. */
export async function publishPushName(
  phone: Phone,
  keyId: Buffer,
  key: proto.Message.IAppStateSyncKeyData,
): Promise<void> {
  if (phone.appState.version(COLLECTION) > 0) {
    return;
  }
  const { patch } = await encodeSyncdPatch(
    {
      type: COLLECTION,
      index: ['setting_pushName'],
      syncAction: { pushNameSetting: { name: phone.name } },
      apiVersion: 1,
      operation: proto.SyncdMutation.SyncdOperation.SET,
    },
    keyId.toString('base64'),
    newLTHashState(),
    () => Promise.resolve(key),
  );
  phone.appState.append(COLLECTION, 0, proto.SyncdPatch.encode(patch).finish());
}
