import type { BinaryNode } from '@whiskeysockets/baileys';
import type { DeliveryReceipts } from '../patches/delivery-receipts.js';
import type { ReceivedMessage } from '../signal/fast-receive.js';
import type { Stage } from './stanza-pipeline.js';

/**
 * Receives what can be received in one turn, and gives its receipt to the output gate, which keeps it until the message is stored.
 *
 * @param receive as `FastReceive.receive`
 * @param receipts of the socket
 * @param onError told of a receipt that could not be given: the line is gone, and WhatsApp brings the message again
 */
export function fastLane(
  receive: (stanza: BinaryNode) => ReceivedMessage | undefined,
  receipts: Pick<DeliveryReceipts, 'isOpen' | 'send'>,
  onError: (error: unknown) => void,
): Stage {
  return (stanza, next) => {
    const received = receipts.isOpen ? receive(stanza) : undefined;
    if (!received) {
      return next(stanza);
    }
    const { chat, id, room } = received;
    // The gate keeps it until the message is stored; that the next message waits for room is no reason for this one's receipt to wait.
    void receipts.send(chat, id).catch(onError);
    return room;
  };
}
