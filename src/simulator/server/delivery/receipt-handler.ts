import { addressingOf, userAddress } from '../../protocol/address.js';
import type { Addressing } from '../../protocol/address.js';
import { bigEndian, children, node, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { OwnReceiptType, Phone } from '../../phones/phone.js';
import type { MessageReceipt } from '../../phones/sent-message.js';
import type { Answer } from './stanza-delivery.js';
import { answerMediaRetry } from './media-retry.js';
import type { AccountNames, LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';

/** Receipt types that say something about a message but do not answer its stanza. */
const NOT_AN_ANSWER = new Set([
  'read',
  'read-self',
  'played',
  'played-self',
  'hist_sync',
  'retry',
  'server-error',
]);

const SHOWN: Readonly<Record<string, MessageReceipt['type']>> = {
  '': 'delivered',
  read: 'read',
  played: 'played',
};

/** Receipts in both directions, and the acks that let either side forget. */
export class ReceiptHandler {
  constructor(private readonly network: Network) {}

  /** Sends a phone's receipt to all linked devices of an account. */
  deliver(
    from: Phone,
    receipt: { ids: readonly string[]; to: AccountNames; addressing: Addressing; type?: 'read' | 'played' },
  ): void {
    const [id, ...others] = receipt.ids;
    const list =
      others.length > 0
        ? [
            node(
              'list',
              {},
              others.map((other) => node('item', { id: other })),
            ),
          ]
        : undefined;
    const attrs = { from: from.address(receipt.addressing), id, t: unixSeconds(), type: receipt.type };
    for (const device of this.network.phone(receipt.to.number)?.devices ?? []) {
      device.queue.offer({ stanza: node('receipt', attrs, list) });
    }
  }

  /** Tells an account's own linked devices that its phone read or played messages of a chat. */
  deliverOwn(phone: Phone, receipt: { ids: readonly string[]; chat: string; type: OwnReceiptType }): void {
    const [id, ...others] = receipt.ids;
    const items = others.map((other) => node('item', { id: other }));
    const from = addressingOf(receipt.chat) === 'lid' ? phone.address('lid') : phone.address('pn');
    const attrs = { from, recipient: receipt.chat, id, t: unixSeconds(), type: receipt.type };
    for (const device of phone.devices) {
      device.queue.offer({
        stanza: node('receipt', attrs, items.length > 0 ? [node('list', {}, items)] : undefined),
      });
    }
  }

  /** A phone (or simulated companion) asks a client for a new copy of a message. */
  requestRetry(request: {
    from: string;
    recipient: string | undefined;
    id: string;
    count: number;
    registrationId: number;
    to: LinkedDevice;
  }): void {
    const { from, recipient, id, count, registrationId, to } = request;
    this.network.ledger.counters.retryRequestsFromPhones++;
    const t = unixSeconds();
    const content = [
      node('retry', { count: String(count), id, t, v: '1' }),
      node('registration', {}, bigEndian(registrationId, 4)),
    ];
    to.queue.offer({ stanza: node('receipt', { from, recipient, id, type: 'retry', t }, content) });
  }

  /** Passes a client's retry receipt to the client that wrote the message. */
  forwardRetry(request: BinaryNode, from: LinkedDevice, to: LinkedDevice, addressing: Addressing): void {
    const { id, t } = request.attrs;
    const own = from.account === to.account;
    const recipient = own ? request.attrs['recipient'] : undefined;
    const attrs = { from: from.address(addressing), id, t, type: 'retry', recipient };
    to.queue.offer({ stanza: node('receipt', attrs, request.content) });
  }

  /** Handles a `receipt` stanza of a client. */
  handle(sender: LinkedDevice, receipt: BinaryNode): void {
    const { id = '', to = '', type } = receipt.attrs;
    sender.connection?.send(node('ack', { class: 'receipt', id, from: to, type, t: unixSeconds() }));
    const ids = [id, ...children(children(receipt, 'list')[0], 'item').map((item) => item.attrs['id'] ?? '')];
    if (type === 'retry') {
      sender.queue.retry(receipt);
    } else if (type === 'server-error') {
      answerMediaRetry(this.network, sender, receipt);
    } else if (!NOT_AN_ANSWER.has(type ?? '')) {
      sender.queue.answer('message', receipt, answerOf('receipt', receipt));
    }
    const { number } = sender.account;
    this.network.events.emit('receipt', { phone: number, device: sender.device, to, ids, type });
    this.tellAuthor(sender, receipt, ids);
  }

  /** Handles an `ack` stanza of a client. */
  handleAck(sender: LinkedDevice, ack: BinaryNode): void {
    const answer = answerOf('ack', ack);
    if (answer.error !== undefined && ack.attrs['class'] === 'message') {
      this.network.ledger.countNack(answer.error);
    }
    sender.queue.answer(ack.attrs['class'] ?? '', ack, answer);
  }

  private tellAuthor(reader: LinkedDevice, receipt: BinaryNode, ids: readonly string[]): void {
    const { to = '', participant, type = '' } = receipt.attrs;
    const author = this.network.phoneAt(participant ?? to);
    const shown = SHOWN[type];
    if (!author || !shown || author.number === reader.account.number) {
      return;
    }
    for (const id of ids) {
      this.network.ledger
        .find(author.number, id)
        ?.receipts.push({ device: reader.address('pn'), type: shown, at: new Date() });
    }
    const attrs = {
      from: userAddress(reader.address(addressingOf(to))),
      id: ids[0],
      t: unixSeconds(),
      type: type === '' ? undefined : type,
    };
    for (const device of author.devices) {
      device.queue.offer({ stanza: node('receipt', attrs, receipt.content) });
    }
  }
}

function answerOf(kind: Answer['kind'], stanza: BinaryNode): Answer {
  const { type, error } = stanza.attrs;
  const base = { kind, at: new Date(), atMs: performance.now() };
  return {
    ...base,
    ...(type !== undefined && { type }),
    ...(error !== undefined && { error: Number(error) || 500 }),
  };
}
