import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import type { Phone } from '../../phones/phone.js';
import type { LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';
import type { MessageRouter } from '../delivery/message-router.js';
import { publishPushName } from './push-name.js';

const { Type } = proto.Message.ProtocolMessage;
const KEY_ID = Buffer.from([0, 0, 0, 0, 0, 1]);
const BOOTSTRAP = proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP;

/** What a phone tells a companion right after its first login: app state key, then a (small) history, both as peer messages. */
export async function bootstrap(
  network: Network,
  messages: MessageRouter,
  phone: Phone,
  device: LinkedDevice,
): Promise<void> {
  const key = syncKey(phone);
  await publishPushName(phone, KEY_ID, key.keyData);
  const keys = await messages.writePeer(phone, device, {
    protocolMessage: {
      type: Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: { keys: [key] },
    },
  });
  const past = await messages.writePeer(phone, device, {
    protocolMessage: {
      type: Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: history(network, phone),
    },
  });
  await Promise.all([keys.settled, past.settled]);
  network.events.emit('device.bootstrapped', network.describe(device));
}

function syncKey(phone: Phone) {
  phone.syncKey ??= randomBytes(32);
  return {
    keyId: { keyId: KEY_ID },
    keyData: {
      keyData: phone.syncKey,
      fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
      timestamp: Date.now(),
    },
  };
}

function history(network: Network, phone: Phone): proto.Message.IHistorySyncNotification {
  const others = network.phones.filter((other) => other !== phone).slice(0, 1000);
  const payload = proto.HistorySync.encode({
    syncType: BOOTSTRAP,
    chunkOrder: 1,
    progress: 100,
    conversations: [],
    pushnames: others.map((other) => ({ id: other.address('pn'), pushname: other.name })),
    phoneNumberToLidMappings: others.map((other) => ({
      pnJid: other.address('pn'),
      lidJid: other.address('lid'),
    })),
  }).finish();
  return {
    syncType: BOOTSTRAP as number as proto.Message.HistorySyncType,
    chunkOrder: 1,
    progress: 100,
    initialHistBootstrapInlinePayload: deflateSync(payload),
  };
}
