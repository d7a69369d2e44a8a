import { messageOf } from '../../../common/error-message.js';
import { addressingOf, parseAddress, userAddress } from '../../protocol/address.js';
import type { proto } from '@whiskeysockets/baileys';
import { decodeMessage, textOf } from '../../protocol/message-codec.js';
import { bytesOf, child, children, node, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import { answerHistoryRequest } from '../../phones/history-request.js';
import type { Phone } from '../../phones/phone.js';
import { GroupMessageHandler } from './group-message-handler.js';
import { RESTRICTED, mayWrite } from '../account-restriction.js';
import type { LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';
import type { ReceiptHandler } from './receipt-handler.js';

const MAX_RETRIES = 5;
const MAX_RETRY_COUNTERS = 10_000;

/** One encrypted copy in a client's message. */
interface EncryptedCopy {
  readonly sender: LinkedDevice;
  readonly stanza: BinaryNode;
  readonly enc: BinaryNode;
  /** Address of the device the copy is for. */
  readonly to: string;
}

/** Takes messages of clients: acknowledges, lets phones decrypt their copies, passes copies to other linked clients. */
export class ClientMessageHandler {
  private readonly groups: GroupMessageHandler;
  private readonly retries = new Map<string, number>();

  constructor(
    private readonly network: Network,
    private readonly receipts: ReceiptHandler,
  ) {
    this.groups = new GroupMessageHandler(network);
  }

  /** Handles a `message` stanza of a client. */
  handle(sender: LinkedDevice, stanza: BinaryNode): void {
    const { id = '', to = '' } = stanza.attrs;
    const number = sender.account.number;
    const error =
      this.network.faults.takeMessage(number) ??
      (mayWrite(this.network.phone(number), this.network.phoneAt(to)) ? undefined : RESTRICTED);
    const ack = {
      class: 'message',
      id,
      from: to,
      t: unixSeconds(),
      error: error === undefined ? undefined : String(error),
    };
    if (!this.network.faults.takeAcknowledgement(number)) {
      sender.connection?.send(node('ack', ack));
    }
    this.network.ledger.counters.messagesFromClients++;
    const event = { phone: number, device: sender.device, id, to };
    this.network.events.emit('client.message', error === undefined ? event : { ...event, error });
    if (error === undefined && !this.groups.distribute(sender, stanza)) {
      this.distribute(sender, stanza);
    }
  }

  private distribute(sender: LinkedDevice, stanza: BinaryNode): void {
    const participants = child(stanza, 'participants');
    const direct = child(stanza, 'enc');
    for (const to of children(participants, 'to')) {
      const enc = child(to, 'enc');
      if (enc) {
        this.route({ sender, stanza, enc, to: to.attrs['jid'] ?? '' });
      }
    }
    if (!participants && direct && direct.attrs['type'] !== 'skmsg') {
      this.route({
        sender,
        stanza,
        enc: direct,
        to: stanza.attrs['participant'] ?? stanza.attrs['to'] ?? '',
      });
    }
  }

  private route(copy: EncryptedCopy): void {
    const phone = this.network.phoneAt(copy.to);
    const device = parseAddress(copy.to)?.device ?? 0;
    const linked = phone?.linked.get(device);
    if (linked) {
      this.forward(copy, linked);
    } else if (phone && (device === 0 || phone.companions.has(device))) {
      this.open(copy, phone, device).catch((error: unknown) =>
        this.network.log('message handling failed', { error: String(error) }),
      );
    } else {
      this.network.log('message for an unknown device', { to: copy.to });
    }
  }

  private async open(copy: EncryptedCopy, phone: Phone, device: number): Promise<void> {
    const { sender, enc } = copy;
    const type = enc.attrs['type'] ?? '';
    try {
      const plaintext = await phone.peer(device).decrypt(sender, type, bytesOf(enc));
      const body = decodeMessage(plaintext);
      this.arrived(copy, phone, device, body.deviceSentMessage?.message ?? body);
    } catch (error) {
      this.record(copy, phone, {
        text: '',
        error: messageOf(error),
        repeated: false,
      });
      this.requestRetry(copy, phone, device);
    }
  }

  private arrived(copy: EncryptedCopy, phone: Phone, device: number, body: proto.IMessage): void {
    const { sender, stanza, enc, to } = copy;
    const own = phone.number === sender.account.number;
    const chat = chatOf(this.network, stanza, own ? undefined : sender);
    const request = body.protocolMessage?.peerDataOperationRequestMessage?.historySyncOnDemandRequest;
    if (own && request) {
      answerHistoryRequest(phone, sender, request, stanza.attrs['id'] ?? '').catch((error: unknown) =>
        this.network.log('history not handed over', { error: messageOf(error) }),
      );
    }
    const known = stanza.attrs['category'] === 'peer' || device > 0 || body.senderKeyDistributionMessage;
    const message = known
      ? undefined
      : phone.inbox.add({
          id: stanza.attrs['id'] ?? '',
          from: sender.account.number,
          fromDevice: sender.device,
          chat,
          fromMe: own,
          text: textOf(body),
          message: body,
          addressing: addressingOf(to),
          at: new Date(),
          atMs: performance.now(),
          encryption: enc.attrs['type'] === 'pkmsg' ? 'pkmsg' : 'msg',
        });
    this.record(copy, phone, { text: textOf(body), repeated: message === undefined });
    if (message) {
      this.network.events.emit('message.received', { phone: phone.number, message });
    }
    if (phone.deliveryReceipts && !own && device === 0) {
      this.receipts.deliver(phone, {
        ids: [stanza.attrs['id'] ?? ''],
        to: sender.account,
        addressing: addressingOf(to),
      });
    }
  }

  private record(
    copy: EncryptedCopy,
    phone: Phone,
    result: { text: string; error?: string; repeated: boolean },
  ): void {
    this.network.ledger.addReceived({
      id: copy.stanza.attrs['id'] ?? '',
      from: copy.sender.address('pn'),
      to: copy.stanza.attrs['to'] ?? '',
      phone: phone.number,
      at: new Date(),
      atMs: performance.now(),
      decrypted: result.error === undefined,
      ...result,
    });
  }

  private requestRetry(copy: EncryptedCopy, phone: Phone, device: number): void {
    const { sender, stanza, to } = copy;
    const id = stanza.attrs['id'] ?? '';
    const key = `${sender.address('pn')} ${id} ${phone.number}:${device}`;
    const count = (this.retries.get(key) ?? 0) + 1;
    this.retries.delete(key);
    this.retries.set(key, count);
    if (this.retries.size > MAX_RETRY_COUNTERS) {
      const [oldest] = this.retries.keys();
      this.retries.delete(oldest ?? '');
    }
    if (count <= MAX_RETRIES) {
      const own = phone.number === sender.account.number;
      this.receipts.requestRetry({
        from: phone.address(addressingOf(to), device),
        recipient: own ? (stanza.attrs['recipient'] ?? stanza.attrs['to']) : undefined,
        id,
        count,
        registrationId: phone.peer(device).registrationId,
        to: sender,
      });
    }
  }

  private forward(copy: EncryptedCopy, receiver: LinkedDevice): void {
    const { sender, stanza, enc, to } = copy;
    const addressing = addressingOf(to);
    const own = receiver.account === sender.account;
    const alternative = addressing === 'lid' ? 'sender_pn' : 'sender_lid';
    const attrs = {
      id: stanza.attrs['id'],
      t: unixSeconds(),
      type: stanza.attrs['type'],
      edit: stanza.attrs['edit'],
      from: sender.address(addressing),
      ...(own
        ? { recipient: userAddress(stanza.attrs['recipient'] ?? stanza.attrs['to'] ?? '') }
        : {
            [alternative]: userAddress(sender.address(addressing === 'lid' ? 'pn' : 'lid')),
            notify: this.network.phone(sender.account.number)?.name,
            addressing_mode: addressing,
          }),
    };
    const identity = child(stanza, 'device-identity');
    receiver.queue.offer({
      stanza: node('message', attrs, identity ? [enc, identity] : [enc]),
      retryRequested: (request) => this.receipts.forwardRetry(request, receiver, sender, addressing),
    });
  }
}

function chatOf(network: Network, stanza: BinaryNode, other: LinkedDevice | undefined): string {
  const chat = stanza.attrs['recipient'] ?? stanza.attrs['to'] ?? '';
  const server = parseAddress(chat)?.server;
  if (server !== 'lid' && server !== 's.whatsapp.net') {
    return chat;
  }
  return other?.account.number ?? network.phoneAt(chat)?.number ?? chat;
}
