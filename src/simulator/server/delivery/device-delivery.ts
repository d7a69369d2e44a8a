import { node } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { ComposedMessage } from '../../phones/message-content.js';
import type { MessageDelivery, SentMessage } from '../../phones/sent-message.js';
import type { PreKeyBundle, SignalPeer } from '../../phones/signal-peer.js';
import { bundleIn } from '../prekey-bundle-codec.js';
import type { DeviceCopy } from './message-fanout.js';
import type { Network } from '../network.js';

const MAX_RETRIES = 5;

/** Delivers single copies of messages to linked devices, again when a device asks, and records what becomes of them. */
export class DeviceDelivery {
  constructor(private readonly network: Network) {}

  /** Queues a copy encrypted for its device; the promise keeps the order of calls per author and device. */
  async sendEncrypted(
    sent: SentMessage,
    peer: SignalPeer,
    copy: DeviceCopy,
    composed: ComposedMessage,
  ): Promise<void> {
    const delivery = this.track(sent, copy);
    if (composed.unavailable !== undefined) {
      const type = composed.unavailable === '' ? undefined : composed.unavailable;
      this.enqueue(sent, delivery, copy, [node('unavailable', { type })]);
      return;
    }
    await this.encrypt(sent, delivery, peer, copy, composed);
  }

  /** Queues a copy in plain text, as channel messages travel. */
  sendPlain(sent: SentMessage, copy: DeviceCopy): void {
    this.enqueue(sent, this.track(sent, copy), copy, [node('plaintext', {}, copy.body)]);
  }

  private track(sent: SentMessage, copy: DeviceCopy): MessageDelivery {
    const delivery: MessageDelivery = {
      device: copy.device.address('pn'),
      timesDelivered: 0,
      retries: 0,
      outstanding: 1,
    };
    sent.deliveries.push(delivery);
    return delivery;
  }

  private async encrypt(
    sent: SentMessage,
    delivery: MessageDelivery,
    peer: SignalPeer,
    copy: DeviceCopy,
    composed: ComposedMessage,
    retry?: { readonly count: number; readonly bundle: PreKeyBundle | true },
  ): Promise<void> {
    const labels = {
      v: '2',
      mediatype: composed.mediatype,
      count: retry && String(retry.count),
      'decrypt-fail': composed.hideFailure ? 'hide' : undefined,
    };
    const sealedFor = async (body: Buffer): Promise<BinaryNode> => {
      const { type, ciphertext } = await peer.encrypt(copy.device, body, retry?.bundle);
      return node('enc', { ...labels, type }, ciphertext);
    };
    const parts: BinaryNode[] = [];
    if (!copy.ofGroup || retry) {
      parts.push(await sealedFor(copy.body));
    } else {
      const { key, ciphertext } = copy.ofGroup;
      parts.push(
        ...(key ? [await sealedFor(key)] : []),
        node('enc', { ...labels, type: 'skmsg' }, ciphertext),
      );
    }
    const again = (request: BinaryNode): void => {
      this.network.ledger.counters.retryRequestsFromClients++;
      delivery.retries++;
      const bundle = bundleIn(request) ?? true;
      if (delivery.retries <= MAX_RETRIES) {
        // From now on, and not only once it is sealed: the nack may come right behind the request.
        delivery.outstanding++;
        this.encrypt(sent, delivery, peer, copy, composed, { count: delivery.retries, bundle }).catch(
          (error: unknown) => {
            delivery.outstanding--;
            this.network.log('retry failed', { id: sent.id, error: String(error) });
          },
        );
      }
    };
    const meta = composed.meta ? [node('meta', composed.meta)] : [];
    this.enqueue(sent, delivery, copy, [...meta, ...parts], again);
  }

  private enqueue(
    sent: SentMessage,
    delivery: MessageDelivery,
    copy: DeviceCopy,
    content: BinaryNode[],
    retryRequested?: (request: BinaryNode) => void,
  ): void {
    const { ledger, events } = this.network;
    if (copy.device.unlinked) {
      throw new Error(`device ${delivery.device} was unlinked`);
    }
    copy.device.queue.push({
      stanza: node('message', copy.attrs, content),
      sent: () => {
        ledger.counters.messagesDelivered++;
        delivery.timesDelivered++;
        delivery.deliveredAt ??= new Date();
        delivery.deliveredAtMs ??= performance.now();
      },
      answered: (answer) => {
        if (!answer.error) {
          ledger.counters.messagesAcknowledged++;
        }
        sent.settle(delivery, answer);
        events.emit('message.acknowledged', {
          id: sent.id,
          from: sent.from,
          device: delivery.device,
          answer,
        });
      },
      abandoned: () => sent.abandon(`device ${delivery.device} was unlinked`),
      ...(retryRequested && { retryRequested }),
    });
  }
}
