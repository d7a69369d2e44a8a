import { createHash } from 'node:crypto';
import {
  bigEndian,
  child,
  childBytes,
  childNumber,
  children,
  node,
  unixSeconds,
} from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { PublicPreKey } from '../../phones/signal-peer.js';
import { bundleNodes } from '../prekey-bundle-codec.js';
import type { LinkedDevice } from '../linked-device.js';
import { IqError } from './iq-request.js';
import type { IqRequest } from './iq-request.js';

function preKey(key: BinaryNode): PublicPreKey {
  const value = childBytes(key, 'value');
  if (value.length !== 32) {
    throw new IqError(400, 'bad-request');
  }
  return { id: childNumber(key, 'id'), value };
}

function signedPreKey(skey: BinaryNode | undefined): LinkedDevice['signedPreKey'] {
  const signature = childBytes(skey, 'signature');
  if (!skey || signature.length !== 64) {
    throw new IqError(400, 'bad-request');
  }
  return { ...preKey(skey), signature };
}

function upload({ iq, device }: IqRequest): undefined {
  const rotated = child(iq, 'rotate');
  if (rotated) {
    device.signedPreKey = signedPreKey(child(rotated, 'skey'));
    return undefined;
  }
  if (!childBytes(iq, 'identity').equals(device.registration.identity)) {
    throw new IqError(409, 'conflict');
  }
  device.signedPreKey = signedPreKey(child(iq, 'skey'));
  device.addPreKeys(children(child(iq, 'list'), 'key').map(preKey));
  return undefined;
}

function digest(device: LinkedDevice): BinaryNode {
  const { identity, registrationId } = device.registration;
  const { id, value, signature } = device.signedPreKey;
  const ids = device.preKeyIds;
  const hash = createHash('sha1').update(identity).update(value).update(signature);
  for (const key of ids) {
    hash.update(bigEndian(key, 3));
  }
  return node('digest', {}, [
    node('registration', {}, bigEndian(registrationId, 4)),
    node('type', {}, Buffer.from([5])),
    node('identity', {}, identity),
    node('skey', {}, [
      node('id', {}, bigEndian(id, 3)),
      node('value', {}, value),
      node('signature', {}, signature),
    ]),
    node(
      'list',
      {},
      ids.map((key) => node('id', {}, bigEndian(key, 3))),
    ),
    node('hash', {}, hash.digest()),
  ]);
}

function bundles({ network }: IqRequest, key: BinaryNode): BinaryNode {
  const users = children(key, 'user').map((user) => {
    const jid = user.attrs['jid'];
    const bundle = network.bundleAt(jid);
    if (!bundle) {
      return node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })]);
    }
    return node('user', { jid, t: unixSeconds() }, bundleNodes(bundle));
  });
  return node('list', {}, users);
}

/** `encrypt`: prekey count, digest, upload, and bundles of others. */
export function answerKeys(request: IqRequest): BinaryNode[] | undefined {
  const { iq, device } = request;
  if (iq.attrs['type'] === 'set') {
    return upload(request);
  }
  const key = child(iq, 'key');
  if (key) {
    return [bundles(request, key)];
  }
  if (child(iq, 'count')) {
    return [node('count', { value: String(device.preKeyCount) })];
  }
  if (child(iq, 'digest')) {
    return [digest(device)];
  }
  throw new IqError(400, 'bad-request');
}
