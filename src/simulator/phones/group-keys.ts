import { GroupCipher } from '@whiskeysockets/baileys/lib/Signal/Group/group_cipher.js';
import { GroupSessionBuilder } from '@whiskeysockets/baileys/lib/Signal/Group/group-session-builder.js';
import { SenderKeyDistributionMessage } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-distribution-message.js';
import { SenderKeyName } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-name.js';
import { SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-record.js';
import { KeyedSemaphore } from '../../common/keyed-semaphore.js';

/** A message of a group, sealed once for all of it. */
export interface SealedForGroup {
  readonly ciphertext: Buffer;
  /** What opens it and what comes after it; for devices that lack it. */
  readonly distribution: Buffer;
}

/** The sender keys of a phone: its own, and those that it learned, which it needs to read group messages of clients. */
export class GroupKeys {
  private readonly records = new Map<string, SenderKeyRecord>();
  /** Which devices have the key of an own device, by group and address. */
  private readonly holders = new Map<string, Set<string>>();
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

  /** Seals a message of an own device, in call order. */
  async seal(group: string, author: string, plaintext: Uint8Array): Promise<SealedForGroup> {
    let sealed: SealedForGroup | undefined;
    await this.inOrder(group, author, async () => {
      const name = nameOf(group, author);
      const distribution = await new GroupSessionBuilder(this.store).create(name);
      const ciphertext = await new GroupCipher(this.store, name).encrypt(plaintext);
      sealed = { ciphertext: Buffer.from(ciphertext), distribution: Buffer.from(distribution.serialize()) };
    });
    return sealed!;
  }

  /** @returns whether a device lacks the key of an own device; from now on it has it */
  handOut(group: string, author: string, device: string): boolean {
    const key = `${group} ${author}`;
    const holders = this.holders.get(key) ?? new Set();
    this.holders.set(key, holders);
    const isNew = !holders.has(device);
    holders.add(device);
    return isNew;
  }

  /** Somebody left: the own keys of the group are made anew. */
  renew(group: string): void {
    for (const key of [...this.holders.keys()].filter((each) => each.startsWith(`${group} `))) {
      this.holders.delete(key);
      this.records.delete(nameOf(group, key.slice(group.length + 1)).toString());
    }
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
