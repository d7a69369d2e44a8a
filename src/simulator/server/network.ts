import type { EventEmitter } from 'node:events';
import { parseAddress } from '../protocol/address.js';
import { MediaLibrary } from '../media-host/media-library.js';
import type { Phone } from '../phones/phone.js';
import type { PreKeyBundle } from '../phones/signal-peer.js';
import type { SimulatorEventMap } from '../simulator-events.js';
import type { FaultRules } from './fault-rules.js';
import type { Group } from './group.js';
import type { Ledger } from './ledger.js';
import type { DeviceEvent } from '../simulator-events.js';
import type { LinkedDevice } from './linked-device.js';

/** One line of the simulator's log; no message text, codes or keys. */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Limits and habits of a network. */
export interface NetworkOptions {
  /** Send sync keys and history after a device's first login. */
  readonly bootstrap: boolean;
  readonly queueLimit: number;
  readonly pairingCodeLifetimeMs: number;
  readonly qrLifetimeMs: number;
}

/** The state all parts of the server share: who exists, what was recorded, which faults are on. */
export class Network {
  readonly groups = new Map<string, Group>();
  /** Queries without a handler, by `xmlns type child`. They got an empty result. */
  readonly unknownQueries = new Map<string, number>();
  /** The encrypted files of the network. */
  readonly media = new MediaLibrary();
  /** Where the media server answers, for `media_conn`; set when it listens. */
  mediaHost = '';
  private readonly byNumber = new Map<string, Phone>();
  private readonly byLid = new Map<string, Phone>();

  constructor(
    readonly options: NetworkOptions,
    readonly events: EventEmitter<SimulatorEventMap>,
    readonly ledger: Ledger,
    readonly faults: FaultRules,
    readonly log: Log,
  ) {}

  /** All phones in the order they were added. */
  get phones(): Phone[] {
    return [...this.byNumber.values()];
  }

  /** Adds a phone. Throws when its number or LID is taken. */
  add(phone: Phone): void {
    if (this.byNumber.has(phone.number) || this.byLid.has(phone.lid)) {
      throw new Error(`there is a phone with number ${phone.number} or LID ${phone.lid} already`);
    }
    this.byNumber.set(phone.number, phone);
    this.byLid.set(phone.lid, phone);
  }

  /** Gives a phone another number; its LID stays. Throws when the number is taken. */
  renumber(phone: Phone, number: string): void {
    if (this.byNumber.has(number)) {
      throw new Error(`there is a phone with number ${number} already`);
    }
    this.byNumber.delete(phone.number);
    phone.number = number;
    this.byNumber.set(number, phone);
  }

  /** The phone with a number (digits only). */
  phone(number: string): Phone | undefined {
    return this.byNumber.get(number);
  }

  /** True when a LID is taken. */
  hasLid(lid: string): boolean {
    return this.byLid.has(lid);
  }

  /** The phone behind an address of either form, whatever its device. */
  phoneAt(jid: string | undefined): Phone | undefined {
    const address = parseAddress(jid);
    if (!address) {
      return undefined;
    }
    return address.server === 'lid' ? this.byLid.get(address.user) : this.byNumber.get(address.user);
  }

  /** The linked client behind an address. */
  deviceAt(jid: string | undefined): LinkedDevice | undefined {
    return this.phoneAt(jid)?.linked.get(parseAddress(jid)?.device ?? 0);
  }

  /** A prekey bundle of the device behind an address; undefined when there is no such device. */
  bundleAt(jid: string | undefined): PreKeyBundle | undefined {
    const phone = this.phoneAt(jid);
    const device = parseAddress(jid)?.device ?? 0;
    const peer = device === 0 ? phone?.primary : phone?.companions.get(device);
    return peer?.bundle() ?? this.deviceAt(jid)?.bundle();
  }

  /** Names a device for events. */
  describe(device: LinkedDevice): DeviceEvent {
    return { phone: device.account.number, device: device.device, jid: device.address('pn') };
  }
}
