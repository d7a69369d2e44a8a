import { SessionVault } from '../../src/baileys/vault/session-vault.js';
import { DataKeys, type DataKeyOwner, makeDataKey } from '../../src/common/data-keys.js';
import { SecretBox } from '../../src/common/secret-box.js';

/** A vault with data keys of its own, as a session gets it when it is taken over. */
export function aVault(instanceId: string, master = new SecretBox([Buffer.alloc(32, 1)])): SessionVault {
  return new SessionVault(instanceId, {
    session: someDataKeys(master, { id: instanceId, purpose: 'session' }),
    inbox: someDataKeys(master, { id: instanceId, purpose: 'inbox' }),
  });
}

/** One new data key. */
function someDataKeys(master: SecretBox, owner: DataKeyOwner): DataKeys {
  return DataKeys.unwrap(master, owner, [{ ...makeDataKey(master, owner), isCurrent: true }]);
}
