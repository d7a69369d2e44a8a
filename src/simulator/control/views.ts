import type { Phone } from '../phones/phone.js';
import type { ReceivedChange } from '../phones/received-change.js';
import { fileOf, innerMessage } from '../phones/received-file.js';
import type { ReceivedMessage } from '../phones/received-message.js';
import type { SentMessage } from '../phones/sent-message.js';
import type { ReceivedRecord } from '../server/ledger.js';

/** A phone as the control API shows it. */
export function phoneView(phone: Phone) {
  return {
    number: phone.number,
    name: phone.name,
    lid: phone.lid,
    received: phone.received.length,
    devices: phone.devices.map((device) => ({
      id: device.id,
      jid: device.address('pn'),
      connected: device.connected,
      online: device.isOnline,
      pending: device.pendingCount,
      preKeys: device.preKeyCount,
    })),
  };
}

/** A received message as the control API shows it. */
export function messageView(message: ReceivedMessage, change?: ReceivedChange) {
  const file = fileOf(message.message);
  const { sequence, id, from, fromDevice, chat, fromMe, text, addressing, at, encryption } = message;
  const [kind = 'unknown'] = Object.keys(innerMessage(message.message)).filter(
    (key) => key !== 'messageContextInfo',
  );
  return {
    sequence,
    id,
    from,
    fromDevice,
    chat,
    fromMe,
    text,
    kind,
    file: file && {
      kind: file.kind,
      mimetype: file.mimetype,
      fileName: file.fileName,
      size: Number(file.source.fileLength ?? 0),
    },
    change,
    addressing,
    at: at.toISOString(),
    encryption,
  };
}

/** A sent message with its deliveries. */
export function sentView(message: SentMessage) {
  const deliveries = message.deliveries.map(({ device, deliveredAt, timesDelivered, answer, retries }) => ({
    device,
    deliveredAt: deliveredAt?.toISOString(),
    timesDelivered,
    retries,
    answer: answer && {
      kind: answer.kind,
      type: answer.type,
      error: answer.error,
      at: answer.at.toISOString(),
    },
  }));
  const { id, from, to, text } = message;
  return {
    id,
    from,
    to,
    text,
    sentAt: message.sentAt.toISOString(),
    acknowledged: message.isAcknowledged,
    deliveries,
    receipts: message.receipts.map((receipt) => ({ ...receipt, at: receipt.at.toISOString() })),
  };
}

/** A message of a client at a phone. */
export function recordView({ id, from, to, phone, text, at, decrypted, error, repeated }: ReceivedRecord) {
  return { id, from, to, phone, text, at: at.toISOString(), decrypted, error, repeated };
}
