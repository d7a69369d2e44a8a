import { encodeMessage } from '../../protocol/message-codec.js';
import { unixSeconds } from '../../protocol/node.js';
import type { Attributes } from '../../protocol/node.js';
import type { ComposedMessage } from '../../phones/message-content.js';
import type { Destination, Phone, WriteOptions } from '../../phones/phone.js';
import type { LinkedDevice } from '../linked-device.js';

/** One copy of a message: for which device, under which attributes, with which body. */
export interface DeviceCopy {
  readonly device: LinkedDevice;
  readonly attrs: Attributes;
  readonly body: Buffer;
  /** Sealed once for a group: what all of it gets, and its key where the device lacks it. */
  readonly ofGroup?: { readonly ciphertext: Buffer; readonly key?: Buffer };
}

/** The copies of a message: one per linked device of the receivers, and a wrapped one per linked device of the author. */
export function fanOut(
  author: Phone,
  to: Destination,
  receivers: readonly Phone[],
  body: ComposedMessage['message'],
  id: string,
  composed: ComposedMessage,
  options: WriteOptions,
): DeviceCopy[] {
  const base = {
    id,
    t: unixSeconds(options.timestamp),
    type: composed.type,
    edit: composed.edit,
    notify: options.pushName === null ? undefined : (options.pushName ?? author.name),
  };
  const bytes = encodeMessage(body);
  const outward = outwardAddress(author, to, options);
  const channel = typeof to === 'string' && to.endsWith('@newsletter');
  const raw = channel ? bytes.subarray(0, bytes.length - (bytes[bytes.length - 1] ?? 0)) : bytes;
  const isList = typeof to === 'string' && isBroadcastList(to);
  const others = typeof to === 'string' && !channel && !isList ? [...receivers, author] : receivers;
  const copies = others.flatMap((phone) =>
    phone.devices.map((device) => ({ device, attrs: { ...base, ...outward }, body: raw })),
  );
  if (typeof to === 'string') {
    return copies;
  }
  const addressing = options.addressing ?? 'lid';
  const destinationJid = to.address(addressing);
  const wrapped = encodeMessage({
    deviceSentMessage: { destinationJid, message: body },
    messageContextInfo: body.messageContextInfo ?? null,
  });
  const own = { ...base, notify: undefined, ...ownAddress(author, to, options) };
  const device = (linked: LinkedDevice): DeviceCopy => ({ device: linked, attrs: own, body: wrapped });
  return [...copies, ...author.devices.map(device)];
}

/** @returns whether an address is that of a list: who is on it gets the message in the direct chat */
export function isBroadcastList(to: string): boolean {
  return /^\d+@broadcast$/.test(to);
}

function outwardAddress(author: Phone, to: Destination, options: WriteOptions): Attributes {
  const addressing = options.addressing ?? 'lid';
  const from = author.address(addressing, options.fromDevice);
  const alternative = options.withoutAlternative
    ? undefined
    : author.address(addressing === 'lid' ? 'pn' : 'lid');
  if (typeof to !== 'string') {
    const name = addressing === 'lid' ? 'sender_pn' : 'sender_lid';
    return { from, [name]: alternative, addressing_mode: addressing };
  }
  if (to.endsWith('@newsletter')) {
    return { from: to, server_id: '100' };
  }
  const name = addressing === 'lid' ? 'participant_pn' : 'participant_lid';
  return { from: to, participant: from, [name]: alternative, addressing_mode: addressing };
}

function ownAddress(author: Phone, to: Phone, options: WriteOptions): Attributes {
  const addressing = options.addressing ?? 'lid';
  const name = addressing === 'lid' ? 'peer_recipient_pn' : 'peer_recipient_lid';
  const alternative = options.withoutAlternative
    ? undefined
    : to.address(addressing === 'lid' ? 'pn' : 'lid');
  return {
    from: author.address(addressing, options.fromDevice),
    recipient: to.address(addressing),
    [name]: alternative,
  };
}
