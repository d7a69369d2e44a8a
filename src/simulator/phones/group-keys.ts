import { GroupCipher } from '@whiskeysockets/baileys/lib/Signal/Group/group_cipher.js';
import { GroupSessionBuilder } from '@whiskeysockets/baileys/lib/Signal/Group/group-session-builder.js';
import { SenderKeyDistributionMessage } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-distribution-message.js';
import { SenderKeyName } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-name.js';
import { SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-record.js';
import { KeyedSemaphore } from '../../common/keyed-semaphore.js';

/** The sender keys a phone learned: what it needs to read group messages of clients. */
export class GroupKeys {
  private readonly records = new Map<string, SenderKeyRecord>();
  private readonly queues = new KeyedSemaphore();
  private readonly store = {
    loadSenderKey: (name: SenderKeyName): Promise<SenderKeyRecord> => {
      const known = this.records.get(name.toString()) ?? new SenderKeyRecord();
      this.records.set(name.toString(), known);
      return Promise.resolve(known);
    },
    storeSenderKey: (name: SenderKeyName, record: SenderKeyRecord): Promise<void> => {
      this.records.set(name.toString(), record);
      return Promise.resolve();
    },
  };

  /** Runs work on one author's messages in one group in call order, so that keys are learned before they are used. */
  inOrder(group: string, author: string, work: () => Promise<void>): Promise<void> {
    return this.queues.run(`${group} ${author}`, work);
  }

  /** Takes a distribution message of an author. */
  learn(group: string, author: string, distribution: Uint8Array): Promise<void> {
    const message = new SenderKeyDistributionMessage(null, null, null, null, distribution);
    return new GroupSessionBuilder(this.store).process(nameOf(group, author), message);
  }

  /** Decrypts an `skmsg`. Rejects when its key is unknown or was used before. */
  async decrypt(group: string, author: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    return new GroupCipher(this.store, nameOf(group, author)).decrypt(ciphertext);
  }
}

function nameOf(group: string, author: string): SenderKeyName {
  return new SenderKeyName(group, { id: author, deviceId: 0, toString: () => `${author}.0` });
}
