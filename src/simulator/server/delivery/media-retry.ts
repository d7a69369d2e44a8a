import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { messageOf } from '../../../common/error-message.js';
import { fileOf } from '../../phones/received-file.js';
import { expand } from '../../protocol/keys.js';
import { child, childBytes, node, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';

const TAG_BYTES = 16;
const { SUCCESS, NOT_FOUND } = proto.MediaRetryNotification.ResultType;

/**
 * A client could not fetch a file and asks its own phone to upload it again (`receipt type=server-error`). The phone answers with the
 * new link, sealed under the key of the file, or says that it has it no more.
 */
export function answerMediaRetry(network: Network, sender: LinkedDevice, receipt: BinaryNode): void {
  const { id = '' } = receipt.attrs;
  network.events.emit('media.asked-again', { phone: sender.account.number, id });
  answer(network, sender, receipt);
}

function answer(network: Network, sender: LinkedDevice, receipt: BinaryNode): void {
  const { id = '' } = receipt.attrs;
  const rmr = child(receipt, 'rmr');
  const phone = network.phone(sender.account.number);
  const message = phone?.received.findLast((each) => each.id === id)?.message ?? phone?.sentFiles.get(id);
  const file = message && fileOf(message);
  const mediaKey = file?.source.mediaKey;
  const say = (content: BinaryNode[]): void => {
    const attrs = {
      type: 'mediaretry',
      id,
      from: sender.account.number + '@s.whatsapp.net',
      t: unixSeconds(),
    };
    const about = node('rmr', rmr?.attrs ?? {});
    sender.queue.offer({ stanza: node('notification', attrs, [...content, about]) });
  };
  if (phone?.fileRequests === 'ignore') {
    return;
  }
  if (phone?.fileRequests === 'hold') {
    phone.heldFileRequests.push(() => answer(network, sender, receipt));
    return;
  }
  // In a group a phone finds nothing without its author.
  const isIncomplete = rmr?.attrs['jid']?.endsWith('@g.us') && !rmr.attrs['participant'];
  if (phone?.fileRequests !== 'give' || !mediaKey || !rmr || isIncomplete) {
    say([node('error', { code: String(NOT_FOUND) })]);
    return;
  }
  try {
    const asked = proto.ServerErrorReceipt.decode(open(child(receipt, 'encrypt'), mediaKey, id));
    if (asked.stanzaId !== id) {
      throw new Error('the request names another message');
    }
    const directPath = network.media.relink({ directPath: file.source.directPath ?? '' });
    const notification = { stanzaId: id, directPath, result: SUCCESS };
    say([seal(proto.MediaRetryNotification.encode(notification).finish(), mediaKey, id)]);
  } catch (error) {
    network.log('media retry refused', { id, error: messageOf(error) });
    say([node('error', { code: String(proto.MediaRetryNotification.ResultType.GENERAL_ERROR) })]);
  }
}

function keyOf(mediaKey: Uint8Array): Buffer {
  return expand(mediaKey, Buffer.alloc(0), 'WhatsApp Media Retry Notification', 32);
}

function open(encrypt: BinaryNode | undefined, mediaKey: Uint8Array, id: string): Buffer {
  const payload = childBytes(encrypt, 'enc_p');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(mediaKey), childBytes(encrypt, 'enc_iv'));
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(payload.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(payload.subarray(0, -TAG_BYTES)), decipher.final()]);
}

function seal(plaintext: Uint8Array, mediaKey: Uint8Array, id: string): BinaryNode {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(mediaKey), iv);
  cipher.setAAD(Buffer.from(id));
  const payload = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return node('encrypt', {}, [node('enc_p', {}, payload), node('enc_iv', {}, iv)]);
}
