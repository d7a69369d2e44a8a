import { bytesOf, child, children, node, stanzaId, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { IqRequest } from './iq-request.js';

/** `w:sync:app:state`: fetches and uploads of opaque patches, per collection. */
export function answerAppState(request: IqRequest): BinaryNode[] {
  const collections = children(child(request.iq, 'sync'), 'collection');
  return [
    node(
      'sync',
      {},
      collections.map((collection) => answerCollection(request, collection)),
    ),
  ];
}

function answerCollection(request: IqRequest, collection: BinaryNode): BinaryNode {
  const { phone } = request;
  const name = collection.attrs['name'] ?? '';
  const version = Number(collection.attrs['version'] ?? 0);
  const patch = child(collection, 'patch');
  if (!patch) {
    const patches = phone.appState.patchesAfter(name, version).map((bytes) => node('patch', {}, bytes));
    const attrs = { name, version: String(phone.appState.version(name)), has_more_patches: 'false' };
    return node('collection', attrs, patches.length > 0 ? [node('patches', {}, patches)] : undefined);
  }
  const stored = phone.appState.append(name, version, bytesOf(patch));
  if (stored === undefined) {
    return node('collection', { name, type: 'error' }, [node('error', { code: '409', text: 'conflict' })]);
  }
  tellOthers(request, name, stored);
  return node('collection', { name, version: String(stored) });
}

function tellOthers({ phone, device }: IqRequest, name: string, version: number): void {
  const collection = node('collection', { name, version: String(version) });
  for (const other of phone.devices) {
    if (other !== device) {
      const attrs = { type: 'server_sync', from: phone.address('pn'), id: stanzaId(), t: unixSeconds() };
      other.queue.offer({ stanza: node('notification', attrs, [collection]) });
    }
  }
}
