import { DataKeys, type DataKeyOwner, type StoredDataKey } from '../common/data-keys.js';
import type { Opener, SecretBox } from '../common/secret-box.js';
import type { DataKeysRepository } from '../repositories/data-keys.repository.js';
import { mediaSourceContext, messageSecretContext } from '../repositories/message-detail.js';
import type { SealedKind, StaleValue, ValueName } from '../repositories/key-rotation.repository.js';
import { offerOrganizationKey } from './organization-secrets.js';

/** What opens a value and seals it anew. */
export interface Sealer extends Opener {
  readonly canSeal: boolean;
  seal(plaintext: Uint8Array, context: readonly string[]): Buffer;
}

/** How values of one kind are sealed. */
export interface Resealing {
  kind: SealedKind;
  /** For people. */
  title: string;
  /** @returns the context that the value is bound to */
  contextOf(name: ValueName): string[];
  /** @returns what seals each of them, in the same order */
  sealersOf(values: readonly StaleValue[]): Promise<Sealer[]>;
}

const text = (name: ValueName, column: string) => String(name[column]);

/** Everything that the service stores sealed, each kind with the context that whoever wrote it bound it to. */
export function allResealings(master: SecretBox, dataKeys: DataKeysRepository): Resealing[] {
  const ofInstances = (purpose: 'session' | 'inbox') => async (values: readonly StaleValue[]) => {
    const ids = values.map(({ name }) => text(name, 'instance_id'));
    const stored = await dataKeys.listOfInstances([...new Set(ids)], purpose);
    return sealers(master, purpose, ids, stored);
  };
  return [
    {
      kind: 'credentials',
      title: 'credentials',
      contextOf: (name) => [text(name, 'instance_id'), 'creds'],
      sealersOf: ofInstances('session'),
    },
    {
      kind: 'session_keys',
      title: 'session keys',
      contextOf: (name) => [text(name, 'instance_id'), text(name, 'type'), text(name, 'id')],
      sealersOf: ofInstances('session'),
    },
    {
      kind: 'inbox_bodies',
      title: 'received messages',
      contextOf: (name) => [text(name, 'instance_id'), 'inbox', text(name, 'hash')],
      sealersOf: ofInstances('inbox'),
    },
    {
      kind: 'message_values',
      title: 'what messages keep sealed',
      contextOf: messageContext,
      sealersOf: ofInstances('inbox'),
    },
    {
      kind: 'webhook_secrets',
      title: 'webhook secrets',
      contextOf: (name) => [text(name, 'organization_id'), 'webhook secret', text(name, 'id')],
      sealersOf: async (values) => {
        const ids = values.map(({ name }) => text(name, 'organization_id'));
        const stored = new Map<string, StoredDataKey[]>();
        for (const id of new Set(ids)) {
          // Made, or made anew, where the organization needs it.
          stored.set(id, await dataKeys.listOfOrganization(id, offerOrganizationKey(master, id)));
        }
        return sealers(master, 'organization', ids, stored);
      },
    },
    {
      kind: 'direct_values',
      title: 'secrets of the service, requests between nodes',
      contextOf: directContext,
      sealersOf: (values) => Promise.resolve(values.map(() => master)),
    },
  ];
}

function messageContext(name: ValueName): string[] {
  const instanceId = text(name, 'instance_id');
  switch (text(name, 'kind')) {
    case 'payload':
      return [instanceId, 'message', text(name, 'id')];
    case 'media source':
      return mediaSourceContext(instanceId, text(name, 'whatsapp_message_id'));
    default:
      return messageSecretContext(instanceId, text(name, 'whatsapp_message_id'));
  }
}

function directContext(name: ValueName): string[] {
  const [kind, id] = [text(name, 'kind'), text(name, 'id')];
  switch (kind) {
    case 'service secret':
      return ['service_secrets', id];
    case 'qr':
      return [id, 'pairing qr'];
    default:
      return [text(name, 'instance_id'), kind, id];
  }
}

function sealers(
  master: SecretBox,
  purpose: DataKeyOwner['purpose'],
  ids: readonly string[],
  stored: ReadonlyMap<string, StoredDataKey[]>,
): Sealer[] {
  const byOwner = new Map<string, Sealer>();
  return ids.map((id) => {
    const sealer = byOwner.get(id) ?? sealerOf(master, { id, purpose }, stored.get(id) ?? []);
    byOwner.set(id, sealer);
    return sealer;
  });
}

function sealerOf(master: SecretBox, owner: DataKeyOwner, stored: StoredDataKey[]): Sealer {
  try {
    return DataKeys.unwrap(master, owner, stored);
  } catch {
    // Its key is sealed by one that is not configured: what no data key sealed can be opened all the same.
    return DataKeys.unwrap(master, owner, []);
  }
}
