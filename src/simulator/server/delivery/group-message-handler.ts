import { addressingOf } from '../../protocol/address.js';
import { decodeMessage, textOf } from '../../protocol/message-codec.js';
import { bytesOf, child, children, node, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { Phone } from '../../phones/phone.js';
import type { LinkedDevice } from '../linked-device.js';
import type { Group } from '../group.js';
import type { Network } from '../network.js';

/** A client's group message: one ciphertext for all, and sender keys for devices that lack them. */
interface GroupMessage {
  readonly sender: LinkedDevice;
  readonly stanza: BinaryNode;
  readonly group: Group;
  readonly enc: BinaryNode;
}

/** Hands group messages of clients to the members: phones decrypt them, linked clients get them passed on. */
export class GroupMessageHandler {
  constructor(private readonly network: Network) {}

  /** Distributes a group message. Returns false when it is none of a known group. */
  distribute(sender: LinkedDevice, stanza: BinaryNode): boolean {
    const group = this.network.groups.get(stanza.attrs['to'] ?? '');
    const enc = children(stanza, 'enc').find(({ attrs }) => attrs['type'] === 'skmsg');
    if (!group || !enc) {
      return false;
    }
    const groupMessage = { sender, stanza, group, enc };
    for (const member of group.members) {
      member.groupKeys
        .inOrder(group.id, sender.address('pn'), () => this.open(groupMessage, member))
        .catch((error: unknown) => this.record(groupMessage, member, '', String(error)));
      for (const device of member.devices) {
        if (device !== sender) {
          this.forward(groupMessage, device);
        }
      }
    }
    return true;
  }

  private async open(groupMessage: GroupMessage, phone: Phone): Promise<void> {
    const { sender, stanza, group, enc } = groupMessage;
    const author = sender.address('pn');
    const keyed = this.keyFor(
      groupMessage,
      (jid) => this.network.phoneAt(jid) === phone && !this.network.deviceAt(jid),
    );
    if (keyed) {
      const plaintext = await phone.primary.decrypt(sender, keyed.attrs['type'] ?? '', bytesOf(keyed));
      const { senderKeyDistributionMessage: key } = decodeMessage(plaintext);
      await phone.groupKeys.learn(
        group.id,
        author,
        key?.axolotlSenderKeyDistributionMessage ?? Buffer.alloc(0),
      );
    }
    const body = decodeMessage(await phone.groupKeys.decrypt(group.id, author, bytesOf(enc)));
    this.record(groupMessage, phone, textOf(body));
    const message = phone.inbox.add({
      id: stanza.attrs['id'] ?? '',
      from: sender.account.number,
      fromDevice: sender.device,
      chat: group.id,
      fromMe: phone.number === sender.account.number,
      text: textOf(body),
      message: body,
      addressing: addressingOf(phone.address('lid')),
      at: new Date(),
      atMs: performance.now(),
      encryption: 'skmsg',
    });
    if (message) {
      this.network.events.emit('message.received', { phone: phone.number, message });
    }
  }

  private forward(groupMessage: GroupMessage, receiver: LinkedDevice): void {
    const { sender, stanza, group, enc } = groupMessage;
    const keyed = this.keyFor(groupMessage, (jid) => this.network.deviceAt(jid) === receiver);
    const identity = child(stanza, 'device-identity');
    const attrs = {
      id: stanza.attrs['id'],
      t: unixSeconds(),
      type: stanza.attrs['type'],
      from: group.id,
      participant: sender.address('lid'),
      participant_pn: sender.address('pn').replace(/:\d+/, ''),
      addressing_mode: 'lid',
      notify: this.network.phone(sender.account.number)?.name,
    };
    const content = [...(keyed ? [keyed] : []), enc, ...(identity ? [identity] : [])];
    receiver.queue.offer({ stanza: node('message', attrs, content) });
  }

  private keyFor({ stanza }: GroupMessage, isFor: (jid: string) => boolean): BinaryNode | undefined {
    const to = children(child(stanza, 'participants'), 'to').find(({ attrs }) => isFor(attrs['jid'] ?? ''));
    return child(to, 'enc');
  }

  private record({ sender, stanza, group }: GroupMessage, phone: Phone, text: string, error?: string): void {
    this.network.ledger.addReceived({
      id: stanza.attrs['id'] ?? '',
      from: sender.address('pn'),
      to: group.id,
      phone: phone.number,
      text,
      at: new Date(),
      atMs: performance.now(),
      decrypted: error === undefined,
      repeated: false,
      ...(error !== undefined && { error }),
    });
  }
}
