import type { proto } from '@whiskeysockets/baileys';
import { formatAddress } from '../protocol/address.js';
import type { Addressing } from '../protocol/address.js';
import { AppStateStore } from '../server/app-state/app-state-store.js';
import type { BinaryNode } from '../protocol/node.js';
import type { LinkedDevice } from '../server/linked-device.js';
import { GroupKeys } from './group-keys.js';
import type { HistoryChat, HistoryOptions } from './history.js';
import { Inbox } from './inbox.js';
import type { MessageFilter } from './inbox.js';
import type { Content, MessageReference } from './message-content.js';
import type { ReceivedChange } from './received-change.js';
import type { ChangingMessage, ReceivedMessage } from './received-message.js';
import type { SentMessage } from './sent-message.js';
import { SignalPeer } from './signal-peer.js';

/** How a message is addressed and labelled; all optional. */
export interface WriteOptions {
  /** Address of the author in the stanza: LID (default, as on WhatsApp today) or phone number. */
  readonly addressing?: Addressing;
  /** Leave out the other form of the address, so that the client cannot learn the pair. */
  readonly withoutAlternative?: boolean;
  /** Write from a companion of this phone (e.g. 2) instead of the phone itself. */
  readonly fromDevice?: number;
  readonly id?: string;
  readonly timestamp?: Date;
  /** Push name in the stanza; null sends none. Default is the phone's name. */
  readonly pushName?: string | null;
  /** Receivers of a status, a channel message or a broadcast list; default is every other phone. */
  readonly recipients?: readonly Phone[];
  /** Linked clients get word that there is a message, and not the message: `view_once`, or another type; empty for none. */
  readonly unavailable?: string;
  /** In a group: keep the sender key from the linked clients, as if the message that brought it was lost. */
  readonly withoutKeys?: boolean;
}

/** A phone, a group (`…@g.us`), `status@broadcast`, a broadcast list (`<digits>@broadcast`) or a channel (`…@newsletter`). */
export type Destination = Phone | string;

/** What the network does for a phone. */
export interface PhoneServices {
  scan(phone: Phone, qr: string): Promise<LinkedDevice>;
  typeCode(phone: Phone, code: string): Promise<LinkedDevice>;
  write(phone: Phone, to: Destination, content: Content, options: WriteOptions): Promise<SentMessage>;
  sendReceipt(
    phone: Phone,
    message: Pick<ReceivedMessage, 'id' | 'from' | 'addressing'>,
    type: 'read' | 'played' | undefined,
  ): void;
  askAgain(phone: Phone, author: Phone, id: string, addressing: Addressing): void;
  showTyping(phone: Phone, to: Phone, state: TypingState, addressing: Addressing): void;
  showPresence(phone: Phone, isOnline: boolean, lastSeen?: Date): void;
  sendOwnReceipt(phone: Phone, message: OwnRead, type: OwnReceiptType): void;
  call(phone: Phone, to: Phone, call: Required<CallOptions>): string;
  sendStanza(to: Phone, stanza: BinaryNode): void;
  openFile(message: Pick<ReceivedMessage, 'id' | 'message'>): AsyncGenerator<Buffer>;
  readChange(phone: Phone, message: ChangingMessage): ReceivedChange | undefined;
  handOver(
    phone: Phone,
    device: LinkedDevice,
    chats: readonly HistoryChat[],
    options: HistoryOptions,
  ): Promise<SentMessage>;
  writePeer(phone: Phone, device: LinkedDevice, message: proto.IMessage): Promise<SentMessage>;
  unlink(device: LinkedDevice): void;
}

/** What an account's other devices are told when one of them reads or plays; `-self` where others are not to know. */
export type OwnReceiptType = 'read' | 'read-self' | 'played' | 'played-self';

export type TypingState = 'composing' | 'recording' | 'paused';

/** How a call goes. */
export interface CallOptions {
  readonly video?: boolean;
  /** Nobody answers, the receiver declines, or the caller hangs up before; `none`: it goes on ringing. */
  readonly end?: 'timeout' | 'reject' | 'cancel' | 'none';
  readonly addressing?: Addressing;
}

/** A message that the own phone read: which one, and of whom. */
export interface OwnRead {
  readonly id: string;
  /** Number of the other side. */
  readonly from: string;
  readonly addressing?: Addressing;
}

/** What WhatsApp limits of an account: it begins no chats. */
export interface AccountRestriction {
  /** In WhatsApp's words, e.g. `BIZ_QUALITY`. */
  readonly reason: string;
  /** Until then; left out: WhatsApp says no time. */
  readonly until?: Date;
}

/** Makes a phone; see `WhatsAppSimulator.addPhone`. */
export interface PhoneSettings {
  readonly number: string;
  readonly name: string;
  readonly lid: string;
  readonly seed?: string;
  readonly inboxLimit: number;
}

export const FILE_REQUESTS = ['give', 'refuse', 'ignore', 'hold'] as const;
export type FileRequests = (typeof FILE_REQUESTS)[number];

/** A simulated phone with its WhatsApp account: a Signal peer that a test or a demo moves by verbs. */
export class Phone {
  /** Changed by `WhatsAppSimulator.changeNumber`. */
  number: string;
  readonly lid: string;
  name: string;
  /** Send delivery receipts for what it can decrypt. */
  deliveryReceipts = true;
  /** The network does not tell its LID to those who ask by number. */
  hidesLid = false;
  /** What WhatsApp limits of the account; see `WhatsAppSimulator.restrict`. */
  restriction: AccountRestriction | undefined;
  /** Requests for files that it answers later. */
  readonly heldFileRequests: (() => void)[] = [];
  private onFileRequests: FileRequests = 'give';
  /** Messages with files that it wrote, the newest of them, by id. */
  readonly sentFiles = new Map<string, proto.IMessage>();
  /** What it hands over when a client asks for older messages of a chat. */
  past: readonly HistoryChat[] = [];
  readonly inbox: Inbox;
  readonly primary: SignalPeer;
  /** Companions that are simulated too, by device id. */
  readonly companions = new Map<number, SignalPeer>();
  /** Companions that are real clients, by device id. */
  readonly linked = new Map<number, LinkedDevice>();
  readonly groupKeys = new GroupKeys();
  readonly appState = new AppStateStore();
  readonly blocked = new Set<string>();
  readonly privacy = new Map([['readreceipts', 'all']]);
  /** App state key shared with companions; made on first use. */
  syncKey: Buffer | undefined;
  private readonly seed: string | undefined;
  private devicesLinked = 0;

  constructor(
    settings: PhoneSettings,
    private readonly services: PhoneServices,
  ) {
    this.number = settings.number;
    this.lid = settings.lid;
    this.name = settings.name;
    this.seed = settings.seed;
    this.inbox = new Inbox(settings.inboxLimit);
    this.primary = new SignalPeer(`${settings.number}-0`, settings.seed);
  }

  /**
   * What it does when one of its clients asks for a file again: uploads it, says that it has it no more, says nothing, or holds the
   * request until this is changed.
   */
  get fileRequests(): FileRequests {
    return this.onFileRequests;
  }

  set fileRequests(requests: FileRequests) {
    this.onFileRequests = requests;
    this.heldFileRequests.splice(0).forEach((answer) => answer());
  }

  /** Companions linked right now. */
  get devices(): LinkedDevice[] {
    return [...this.linked.values()];
  }

  /** Messages received, oldest first. */
  get received(): readonly ReceivedMessage[] {
    return this.inbox.all;
  }

  /** Its address in one of the two forms. */
  address(addressing: Addressing, device = 0): string {
    return formatAddress(addressing === 'lid' ? this.lid : this.number, addressing, device);
  }

  /** The Signal peer of the phone (device 0) or of a simulated companion, which is made on first use. */
  peer(device = 0): SignalPeer {
    if (device === 0) {
      return this.primary;
    }
    const peer = this.companions.get(device) ?? new SignalPeer(`${this.number}-${device}`, this.seed);
    this.companions.set(device, peer);
    return peer;
  }

  /** Counts up the id for the next companion, so that ids are not reused soon; starts over after `last`. */
  nextDeviceId(first: number, last: number): number {
    return first + (this.devicesLinked++ % (last - first + 1));
  }

  /** Scans a QR code. Resolves with the linked device when pairing completed; rejects with PairingError. */
  scans(qr: string): Promise<LinkedDevice> {
    return this.services.scan(this, qr);
  }

  /** Types a pairing code. Rejects with PairingError: wrong code (may be tried again), none requested, expired … */
  types(code: string): Promise<LinkedDevice> {
    return this.services.typeCode(this, code);
  }

  /** Writes a message. Resolves when it is queued for all linked devices it concerns, in the order of the calls. */
  writes(to: Destination, content: Content, options: WriteOptions = {}): Promise<SentMessage> {
    return this.services.write(this, to, content, options);
  }

  /** Writes into the chat with oneself; the linked devices get a copy. */
  notesToSelf(content: Content, options: WriteOptions = {}): Promise<SentMessage> {
    return this.services.write(this, this, content, options);
  }

  /** Reacts to a message; an empty emoji takes the reaction back. */
  reacts(to: Phone, emoji: string, target: MessageReference, options?: WriteOptions): Promise<SentMessage> {
    return this.writes(to, { reaction: emoji, to: target }, options);
  }

  /** The first received or coming message that fits; rejects with NothingReceived after the timeout (30 s). */
  receives(filter: MessageFilter, options: { readonly timeoutMs?: number } = {}): Promise<ReceivedMessage> {
    return this.inbox.next(filter, options.timeoutMs ?? 30_000);
  }

  /** Sends the delivery receipt of a message, for a phone that sends none by itself. */
  delivers(message: Pick<ReceivedMessage, 'id' | 'from' | 'addressing'>): void {
    this.services.sendReceipt(this, message, undefined);
  }

  /** Tells the own linked devices that a message was read on the phone; `read-self` where its author is not to know. */
  readsItself(message: OwnRead, type: OwnReceiptType = 'read'): void {
    this.services.sendOwnReceipt(this, message, type);
  }

  /** Calls another phone's account. Returns the id of the call. */
  calls(to: Phone, { video = false, end = 'timeout', addressing = 'lid' }: CallOptions = {}): string {
    return this.services.call(this, to, { video, end, addressing });
  }

  /** Puts any stanza on the lines to the linked clients of an account. */
  sendsStanza(to: Phone, stanza: BinaryNode): void {
    this.services.sendStanza(to, stanza);
  }

  /**
   * Fetches and opens the file of a received message, with all checks of a phone.
   * @throws SpoiltMedia where it can't be had or is not what the message says
   */
  async opens(message: ReceivedMessage): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.services.openFile(message)) {
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** As `opens`, for files that are too large to have in memory. */
  streams(message: Pick<ReceivedMessage, 'id' | 'message'>): AsyncGenerator<Buffer> {
    return this.services.openFile(message);
  }

  /** What a message of its chats does to another one: a reaction, an edit, a vote …; undefined for a message by itself. */
  understands(message: ChangingMessage): ReceivedChange | undefined {
    return this.services.readChange(this, message);
  }

  /** Sends the read receipt (blue ticks) of a message, whether it was received or not. */
  reads(message: Pick<ReceivedMessage, 'id' | 'from' | 'addressing'>): void {
    this.services.sendReceipt(this, message, 'read');
  }

  /** Sends the played receipt of a received voice message. */
  plays(message: ReceivedMessage): void {
    this.services.sendReceipt(this, message, 'played');
  }

  /** Asks the linked devices of an account for a new copy of a message by its id, no matter to which phone it was written. */
  asksAgain(author: Phone, id: string, addressing: Addressing = 'lid'): void {
    this.services.askAgain(this, author, id, addressing);
  }

  /** Is online, or no longer: told to the clients that asked for it. */
  shows(isOnline: boolean, lastSeen?: Date): void {
    this.services.showPresence(this, isOnline, lastSeen);
  }

  /** Shows `typing…` to another phone's linked devices, or ends it. */
  typing(to: Phone, state: TypingState = 'composing', addressing: Addressing = 'lid'): void {
    this.services.showTyping(this, to, state, addressing);
  }

  /** Hands a piece of its history over to a companion: inline, or by the media server. */
  handsOver(
    device: LinkedDevice,
    chats: readonly HistoryChat[],
    options: HistoryOptions = {},
  ): Promise<SentMessage> {
    return this.services.handOver(this, device, chats, options);
  }

  /** Sends a companion what phones send their own devices alone (`category=peer`). */
  tellsDevice(device: LinkedDevice, message: proto.IMessage): Promise<SentMessage> {
    return this.services.writePeer(this, device, message);
  }

  /** Unlinks one companion, or all of them: stream error 401, later logins fail with 401. */
  unlinks(device?: LinkedDevice): void {
    for (const each of device ? [device] : this.devices) {
      this.services.unlink(each);
    }
  }
}
