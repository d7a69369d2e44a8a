import { proto } from '@whiskeysockets/baileys';
import type { LinkedDevice } from '../server/linked-device.js';
import type { HistoryChat } from './history.js';
import type { Phone } from './phone.js';

/**
 * Hands over what one of its clients asked for: the messages of a chat before the one that it names, the newest of them. A phone
 * that remembers nothing of the chat says nothing.
 * @param request as it came from the client
 * @param requestId of the message that asked
 */
export async function answerHistoryRequest(
  phone: Phone,
  device: LinkedDevice,
  request: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
  requestId: string,
): Promise<void> {
  const { chatJid, oldestMsgTimestampMs, onDemandMsgCount } = request;
  const chat = phone.past.find((each) => addressesOf(each).includes(chatJid ?? ''));
  const before = Number(oldestMsgTimestampMs ?? 0);
  const messages = (chat?.messages ?? [])
    .filter(({ at }) => at.getTime() < before)
    .toSorted((one, other) => other.at.getTime() - one.at.getTime())
    .slice(0, onDemandMsgCount ?? 0);
  if (chat && messages.length > 0) {
    const syncType = proto.HistorySync.HistorySyncType.ON_DEMAND;
    await phone.handsOver(device, [{ ...chat, messages }], { syncType, requestId });
  }
}

function addressesOf({ with: other }: HistoryChat): string[] {
  return typeof other === 'string' ? [other] : [other.address('lid'), other.address('pn')];
}
