import { SessionCipher } from '../../src/baileys/sealing/session-cipher.js';
import { DataKeys, type DataKeyOwner, makeDataKey } from '../../src/common/data-keys.js';
import { SecretBox } from '../../src/common/secret-box.js';

/** A cipher with data keys of its own, as a session gets it when it is taken over. */
export function aCipher(instanceId: string, master = new SecretBox([Buffer.alloc(32, 1)])): SessionCipher {
  return new SessionCipher(instanceId, {
    session: someDataKeys(master, { id: instanceId, purpose: 'session' }),
    inbox: someDataKeys(master, { id: instanceId, purpose: 'inbox' }),
  });
}

/** One new data key. */
function someDataKeys(master: SecretBox, owner: DataKeyOwner): DataKeys {
  return DataKeys.unwrap(master, owner, [{ ...makeDataKey(master, owner), isCurrent: true }]);
}
