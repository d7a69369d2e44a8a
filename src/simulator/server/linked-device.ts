import { formatAddress } from '../protocol/address.js';
import type { Addressing } from '../protocol/address.js';
import { SERVER, node, stanzaId, unixSeconds } from '../protocol/node.js';
import type { PreKeyBundle, PublicPreKey, RemoteDevice } from '../phones/signal-peer.js';
import type { Connection } from './connection/connection.js';
import { DeliveryQueue } from './delivery/delivery-queue.js';

/** With fewer one-time keys a device is asked for more; Baileys uploads some below the same number. */
const LOW_WATER = 5;

/** Who a device belongs to, as far as addresses are concerned. */
export interface AccountNames {
  readonly number: string;
  readonly lid: string;
}

/** What a companion told the server about itself when it paired. */
export interface DeviceRegistration {
  readonly identity: Buffer;
  readonly registrationId: number;
  readonly noiseKey: Buffer;
  readonly signedPreKey: PublicPreKey & { readonly signature: Buffer };
}

/** A companion linked to an account: its keys, its connection while it has one, and what it has not answered yet. */
export class LinkedDevice implements RemoteDevice {
  readonly queue: DeliveryQueue;
  connection: Connection | undefined;
  signedPreKey: DeviceRegistration['signedPreKey'];
  /** The signed ADV identity that peers may ask for. */
  signedIdentity: Buffer = Buffer.alloc(0);
  /** The own phone sent keys and history after the first login. */
  bootstrapped = false;
  /** Asked for traffic on the present connection. */
  isOnline = false;
  /** Last `presence` it announced. */
  presence: 'available' | 'unavailable' = 'unavailable';
  /** Whose presence it asked for, by address; bounded. */
  readonly subscriptions = new Set<string>();
  unlinked = false;
  /** Was told that its one-time keys run low and has not uploaded since. */
  private askedForPreKeys = false;
  private readonly oneTimeKeys = new Map<number, Buffer>();

  constructor(
    readonly account: AccountNames,
    readonly device: number,
    readonly keyIndex: number,
    readonly registration: DeviceRegistration,
    queueLimit: number,
  ) {
    this.signedPreKey = registration.signedPreKey;
    this.queue = new DeliveryQueue(queueLimit);
  }

  /** Name of the account in Signal addresses. */
  get user(): string {
    return this.account.number;
  }

  /** Device id, as `owner.devices` shows it. */
  get id(): number {
    return this.device;
  }

  /** True while it has a logged-in connection. */
  get connected(): boolean {
    return this.connection?.isOpen ?? false;
  }

  /** Stanzas it has not answered. */
  get pendingCount(): number {
    return this.queue.pendingCount;
  }

  /** One-time keys left on the server. */
  get preKeyCount(): number {
    return this.oneTimeKeys.size;
  }

  /** Ids of the one-time keys left. */
  get preKeyIds(): number[] {
    return [...this.oneTimeKeys.keys()];
  }

  /** Address of this device in one of the two forms. */
  address(addressing: Addressing): string {
    return formatAddress(
      addressing === 'lid' ? this.account.lid : this.account.number,
      addressing,
      this.device,
    );
  }

  /** Adds uploaded one-time keys to the pool. */
  addPreKeys(keys: Iterable<PublicPreKey>): void {
    for (const { id, value } of keys) {
      this.oneTimeKeys.set(id, value);
    }
    this.askedForPreKeys = false;
  }

  /** Its bundle; uses up a one-time key while there are some. */
  bundle(): PreKeyBundle {
    const { identity, registrationId } = this.registration;
    const base = {
      registrationId,
      identity,
      signedPreKey: this.signedPreKey,
      deviceIdentity: this.signedIdentity,
    };
    const first = this.oneTimeKeys.entries().next();
    if (first.done) {
      return base;
    }
    const [id, value] = first.value;
    this.oneTimeKeys.delete(id);
    this.askWhenLow();
    return { ...base, oneTimeKey: { id, value } };
  }

  private askWhenLow(): void {
    if (this.oneTimeKeys.size >= LOW_WATER || this.askedForPreKeys) {
      return;
    }
    this.askedForPreKeys = true;
    const attrs = { type: 'encrypt', from: SERVER, id: stanzaId(), t: unixSeconds() };
    this.queue.offer({
      stanza: node('notification', attrs, [node('count', { value: String(this.preKeyCount) })]),
    });
  }
}
