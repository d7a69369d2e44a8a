import { messageOf } from '../../../common/error-message.js';
import type { Addressing } from '../../protocol/address.js';
import { encodeMessage, newMessageId, textOf, withSecret } from '../../protocol/message-codec.js';
import { unixSeconds } from '../../protocol/node.js';
import { compose } from '../../phones/compose.js';
import type { ComposedMessage, Content } from '../../phones/message-content.js';
import type { Destination, Phone, WriteOptions } from '../../phones/phone.js';
import type { Perspective } from '../../phones/perspective.js';
import { fileOf } from '../../phones/received-file.js';
import { SentMessage } from '../../phones/sent-message.js';
import { DeviceDelivery } from './device-delivery.js';
import type { LinkedDevice } from '../linked-device.js';
import { type DeviceCopy, fanOut, isBroadcastList } from './message-fanout.js';
import type { Network } from '../network.js';

const MAX_SENT_FILES = 1_000;

/** Takes what phones write to the linked devices (and phones) it concerns, each copy encrypted for its device. */
export class MessageRouter {
  private readonly open = new Set<SentMessage>();
  private readonly deviceDelivery: DeviceDelivery;

  constructor(private readonly network: Network) {
    this.deviceDelivery = new DeviceDelivery(network);
  }

  /** Sends a content of a phone. Resolves when every copy is queued; throws for an unknown destination. */
  async write(author: Phone, to: Destination, content: Content, options: WriteOptions): Promise<SentMessage> {
    const addressing = options.addressing ?? 'lid';
    const chatAddress = typeof to === 'string' ? to : to.address(addressing);
    const composing = compose(content, this.perspective(author, chatAddress, addressing));
    // Not awaited where there is nothing to wait for: messages go out in the order of the calls.
    const written = composing instanceof Promise ? await composing : composing;
    const { unavailable } = options;
    const labels = unavailable === undefined ? written : { ...written, unavailable };
    const composed = { ...labels, message: withSecret(written.message) };
    const message = new SentMessage(
      options.id ?? newMessageId(),
      author.number,
      typeof to === 'string' ? to : to.number,
      textOf(composed.message),
    );
    if (fileOf(composed.message)) {
      rememberFile(author, message.id, composed.message);
    }
    message.message = composed.message;
    message.secret = composed.message.messageContextInfo?.messageSecret ?? undefined;
    const receivers = this.receivers(author, to, options);
    this.network.ledger.addSent(message);
    this.deliverToPhones(author, to, receivers, composed.message, message, addressing);
    await this.dispatchAll(author, to, receivers, composed, message, options);
    return message;
  }

  /** Sends a device-to-device message of the own phone (`category=peer`): sync keys, history. */
  async writePeer(
    author: Phone,
    device: LinkedDevice,
    message: ComposedMessage['message'],
  ): Promise<SentMessage> {
    const sent = new SentMessage(newMessageId(), author.number, author.number, '');
    const attrs = {
      id: sent.id,
      t: unixSeconds(),
      from: author.address('pn'),
      type: 'text',
      category: 'peer',
    };
    const copy = { device, attrs, body: encodeMessage(message) };
    await this.deviceDelivery.sendEncrypted(sent, author.primary, copy, { type: 'text', message });
    sent.dispatched();
    return sent;
  }

  /** Gives up on everything that is not acknowledged. */
  stop(): void {
    for (const message of this.open) {
      message.abandon('the simulator stopped');
    }
    this.open.clear();
  }

  private perspective(author: Phone, chatAddress: string, addressing: Addressing): Perspective {
    const { network } = this;
    return {
      author: author.number,
      chatAddress,
      media: network.media,
      addressOf: (number) => network.phone(number)?.address(addressing) ?? `${number}@s.whatsapp.net`,
      secretOf: ({ id, from }) => {
        const received = author.received.findLast((message) => message.id === id && message.from === from);
        const secret =
          network.ledger.find(from, id)?.secret ?? received?.message.messageContextInfo?.messageSecret;
        if (!secret) {
          throw new Error(`${author.number} knows no message ${id} of ${from} with a secret`);
        }
        return secret;
      },
    };
  }

  private receivers(author: Phone, to: Destination, options: WriteOptions): Phone[] {
    if (typeof to !== 'string') {
      return to === author ? [] : [to];
    }
    if (isGroup(to)) {
      const group = this.network.groups.get(to);
      if (!group?.members.includes(author)) {
        throw new Error(`${author.number} is no member of a group ${to}`);
      }
      return group.members.filter((member) => member !== author);
    }
    if (to !== 'status@broadcast' && !to.endsWith('@newsletter') && !isBroadcastList(to)) {
      throw new Error(`${to} is no phone, group, status, broadcast list or channel of this network`);
    }
    return [...(options.recipients ?? this.network.phones)].filter((phone) => phone !== author);
  }

  private deliverToPhones(
    author: Phone,
    to: Destination,
    receivers: readonly Phone[],
    body: ComposedMessage['message'],
    sent: SentMessage,
    addressing: Addressing,
  ): void {
    for (const phone of receivers) {
      const message = phone.inbox.add({
        id: sent.id,
        from: author.number,
        fromDevice: 0,
        chat: typeof to === 'string' && !isBroadcastList(to) ? to : author.number,
        fromMe: false,
        text: sent.text,
        message: body,
        addressing,
        at: new Date(),
        atMs: performance.now(),
        encryption: 'none',
      });
      if (message) {
        this.network.events.emit('message.received', { phone: phone.number, message });
      }
    }
  }

  private async dispatchAll(
    author: Phone,
    to: Destination,
    receivers: readonly Phone[],
    composed: ComposedMessage,
    sent: SentMessage,
    options: WriteOptions,
  ): Promise<void> {
    const peer = author.peer(options.fromDevice);
    const fanned = fanOut(author, to, receivers, composed.message, sent.id, composed, options);
    const copies =
      typeof to === 'string' && isGroup(to)
        ? await sealForGroup(author, to, fanned, composed, options)
        : fanned;
    this.open.add(sent);
    try {
      if (typeof to === 'string' && to.endsWith('@newsletter')) {
        copies.forEach((copy) => this.deviceDelivery.sendPlain(sent, copy));
      } else {
        await Promise.all(
          copies.map((copy) => this.deviceDelivery.sendEncrypted(sent, peer, copy, composed)),
        );
      }
      sent.dispatched();
    } catch (error) {
      sent.abandon(messageOf(error));
      throw error;
    } finally {
      void sent.settled.then(() => this.open.delete(sent));
    }
  }
}

function isGroup(to: string): boolean {
  return to.endsWith('@g.us');
}

/** One ciphertext for all, and the key for devices that lack it; a copy that is asked for brings the key, too. */
async function sealForGroup(
  author: Phone,
  groupId: string,
  copies: readonly DeviceCopy[],
  { message }: ComposedMessage,
  options: WriteOptions,
): Promise<DeviceCopy[]> {
  const address = author.address('lid', options.fromDevice);
  const { ciphertext, distribution } = await author.groupKeys.seal(groupId, address, encodeMessage(message));
  const senderKeyDistributionMessage = { groupId, axolotlSenderKeyDistributionMessage: distribution };
  const key = encodeMessage({ senderKeyDistributionMessage });
  const body = encodeMessage({ ...message, senderKeyDistributionMessage });
  return copies.map((copy) => {
    const lacksKey = author.groupKeys.handOut(groupId, address, copy.device.address('lid'));
    return {
      ...copy,
      body,
      ofGroup: { ciphertext, ...(lacksKey && !options.withoutKeys && { key }) },
    };
  });
}

function rememberFile(author: Phone, id: string, message: ComposedMessage['message']): void {
  author.sentFiles.set(id, message);
  if (author.sentFiles.size > MAX_SENT_FILES) {
    const [oldest] = author.sentFiles.keys();
    author.sentFiles.delete(oldest ?? '');
  }
}
