import { bigEndian, child, childBytes, childNumber, node } from '../protocol/node.js';
import type { BinaryNode } from '../protocol/node.js';
import type { PreKeyBundle } from '../phones/signal-peer.js';

/** The bundle a retry receipt carries in `keys`, if any. */
export function bundleIn(request: BinaryNode): PreKeyBundle | undefined {
  const keys = child(request, 'keys');
  const signed = child(keys, 'skey');
  const identity = childBytes(keys, 'identity');
  if (!signed || identity.length !== 32) {
    return undefined;
  }
  const oneTime = child(keys, 'key');
  return {
    registrationId: childNumber(request, 'registration'),
    identity,
    signedPreKey: {
      id: childNumber(signed, 'id'),
      value: childBytes(signed, 'value'),
      signature: childBytes(signed, 'signature'),
    },
    ...(oneTime && { oneTimeKey: { id: childNumber(oneTime, 'id'), value: childBytes(oneTime, 'value') } }),
  };
}

/** The children of a prekey bundle as they appear in key replies. */
export function bundleNodes(bundle: PreKeyBundle): BinaryNode[] {
  const { signedPreKey, oneTimeKey, deviceIdentity } = bundle;
  const nodes = [
    node('registration', {}, bigEndian(bundle.registrationId, 4)),
    node('type', {}, Buffer.from([5])),
    node('identity', {}, bundle.identity),
    node('skey', {}, [
      node('id', {}, bigEndian(signedPreKey.id, 3)),
      node('value', {}, signedPreKey.value),
      node('signature', {}, signedPreKey.signature),
    ]),
  ];
  if (oneTimeKey) {
    nodes.push(
      node('key', {}, [node('id', {}, bigEndian(oneTimeKey.id, 3)), node('value', {}, oneTimeKey.value)]),
    );
  }
  if (deviceIdentity?.length) {
    nodes.push(node('device-identity', {}, deviceIdentity));
  }
  return nodes;
}
