import { userAddress } from '../../protocol/address.js';
import { node } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { Answer, StanzaDelivery, StanzaSink } from './stanza-delivery.js';
import { corrupted, emptied } from './tampering.js';
import type { Tampering } from './tampering.js';

/** The queue of a device is full: it is offline for too long, or too slow. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

const REMEMBERED_ANSWERS = 1_000;

interface Entry {
  readonly key: string;
  readonly delivery: StanzaDelivery;
  /** Was queued before the device came online: redelivered with the `offline` attribute. */
  offline: boolean;
  /** The client took it for a failure: it stays, and nothing else of what waits goes out before it on the next connection. */
  refused: boolean;
}

/**
 * The stanzas a linked device has not answered yet, oldest first; those unanswered when a connection ends are sent again.
 *
 * A message of a group, broadcast or channel that the client answers with an error counts as not delivered, as is reported of WhatsApp
 * (WhiskeySockets/Baileys#2779): on the next connection it comes first and alone, until it is answered without one.
 */
export class DeliveryQueue {
  readonly tampering: Tampering = { duplicate: 0, swapWithNext: 0, corrupt: 0, empty: 0 };
  private readonly entries = new Set<Entry>();
  private readonly byKey = new Map<string, Entry[]>();
  private unsent: Entry[] = [];
  private head = 0;
  private sink: StanzaSink | undefined;
  private offlineLeft = -1;
  private offlineCount = 0;
  private swapped: Entry | undefined;
  /** What waits until the client takes what it refused. */
  private withheld: Entry[] | undefined;
  /** Answered of late: a request for a new copy goes to the author, whatever became of the stanza. */
  private readonly recentlyAnswered = new Map<string, Entry>();

  constructor(private readonly limit: number) {}

  /** Stanzas without an answer. */
  get pendingCount(): number {
    return this.entries.size;
  }

  /** Adds a stanza that may be dropped (receipts, notifications); false when the queue is full. */
  offer(delivery: StanzaDelivery): boolean {
    if (this.entries.size >= this.limit) {
      return false;
    }
    this.push(delivery);
    return true;
  }

  /** Adds a stanza at the end. Throws QueueFull at the limit. */
  push(delivery: StanzaDelivery): void {
    if (this.entries.size >= this.limit) {
      throw new QueueFull(`more than ${this.limit} stanzas are waiting for this device`);
    }
    const key = keyOf(delivery.stanza.tag, delivery.stanza.attrs['id'] ?? '');
    const entry: Entry = { key, delivery, offline: false, refused: false };
    this.entries.add(entry);
    const same = this.byKey.get(key);
    if (same) {
      same.push(entry);
    } else {
      this.byKey.set(key, [entry]);
    }
    (this.withheld ?? this.unsent).push(entry);
    this.pump();
  }

  /** The device wants traffic: everything unanswered goes out again, oldest first, framed by preview and `ib offline`. */
  open(sink: StanzaSink): void {
    this.close();
    this.sink = sink;
    this.unsent = [...this.entries];
    this.head = 0;
    this.offlineCount = this.offlineLeft = this.unsent.length;
    for (const entry of this.unsent) {
      entry.offline = true;
    }
    this.withhold();
    if (this.offlineCount > 0) {
      sink.send(node('ib', { from: '@s.whatsapp.net' }, [this.preview()]));
    }
    this.endOfflinePhase();
    this.pump();
  }

  /** The connection is gone; what is unanswered waits for the next one. */
  close(): void {
    this.sink = undefined;
    this.offlineLeft = -1;
    this.swapped = undefined;
    this.withheld = undefined;
  }

  /** Forgets everything, as when a device is unlinked. */
  clear(): void {
    this.close();
    for (const { delivery } of this.entries) {
      delivery.abandoned?.();
    }
    this.entries.clear();
    this.byKey.clear();
    this.unsent = [];
    this.head = 0;
  }

  /** Sends while the connection takes it. */
  pump(): void {
    while (this.sink && !this.sink.isCongested() && this.head < this.unsent.length) {
      const entry = this.unsent[this.head++];
      if (entry && this.entries.has(entry)) {
        this.transmit(entry);
      }
      if (entry?.offline && this.offlineLeft > 0) {
        this.offlineLeft--;
        this.endOfflinePhase();
      }
    }
    if (this.head > 1024 || this.head === this.unsent.length) {
      this.unsent = this.unsent.slice(this.head);
      this.head = 0;
    }
  }

  /** Settles the oldest stanza that an answer of the client fits. Returns false when there is none. */
  answer(tag: string, reply: BinaryNode, answer: Answer): boolean {
    const entry = this.match(tag, reply);
    if (!entry) {
      return false;
    }
    if (answer.error !== undefined && isNoDirectMessage(entry)) {
      entry.refused = true;
      entry.delivery.answered?.(answer);
      return true;
    }
    this.entries.delete(entry);
    const same = (this.byKey.get(entry.key) ?? []).filter((other) => other !== entry);
    if (same.length > 0) {
      this.byKey.set(entry.key, same);
    } else {
      this.byKey.delete(entry.key);
    }
    this.remember(entry);
    entry.delivery.answered?.(answer);
    this.resumeWhenNothingIsRefused();
    return true;
  }

  /** Passes on a retry receipt to the author of the stanza it names. Returns false when that stanza is forgotten. */
  retry(request: BinaryNode): boolean {
    const late = this.recentlyAnswered.get(keyOf('message', request.attrs['id'] ?? ''));
    const entry = this.match('message', request) ?? late;
    entry?.delivery.retryRequested?.(request);
    return entry !== undefined;
  }

  /** Only what was refused goes out, and the offline phase does not end. */
  private withhold(): void {
    const refused = this.unsent.filter((entry) => entry.refused);
    if (refused.length > 0) {
      this.withheld = this.unsent.filter((entry) => !entry.refused);
      this.unsent = refused;
    }
  }

  private resumeWhenNothingIsRefused(): void {
    if (this.withheld && ![...this.entries].some(({ refused }) => refused)) {
      this.unsent = [...this.unsent.slice(this.head), ...this.withheld];
      this.head = 0;
      this.withheld = undefined;
      this.pump();
    }
  }

  private remember(entry: Entry): void {
    this.recentlyAnswered.set(entry.key, entry);
    if (this.recentlyAnswered.size > REMEMBERED_ANSWERS) {
      const [oldest] = this.recentlyAnswered.keys();
      this.recentlyAnswered.delete(oldest ?? '');
    }
  }

  private match(tag: string, reply: BinaryNode): Entry | undefined {
    const candidates = this.byKey.get(keyOf(tag, reply.attrs['id'] ?? '')) ?? [];
    // Ids are chosen by authors: an answer settles nothing but what it is addressed to.
    const { to, participant, type } = reply.attrs;
    const fits = (entry: Entry): boolean => {
      const { from, participant: author, type: kind } = entry.delivery.stanza.attrs;
      const sameChat = to === undefined || userAddress(to) === userAddress(from ?? '');
      const sameAuthor = participant === undefined || userAddress(participant) === userAddress(author ?? '');
      const sameKind = tag === 'message' || type === kind;
      return sameChat && sameAuthor && sameKind;
    };
    return candidates.find(fits);
  }

  private transmit(entry: Entry): void {
    const { tampering } = this;
    const isMessage = entry.delivery.stanza.tag === 'message';
    if (isMessage && tampering.swapWithNext > 0 && !this.swapped) {
      tampering.swapWithNext--;
      this.swapped = entry;
      return;
    }
    this.write(entry);
    if (isMessage && tampering.duplicate > 0) {
      tampering.duplicate--;
      this.write(entry);
    }
    if (isMessage && this.swapped) {
      const late = this.swapped;
      this.swapped = undefined;
      this.write(late);
    }
  }

  private write(entry: Entry): void {
    const { stanza } = entry.delivery;
    let copy = entry.offline ? { ...stanza, attrs: { ...stanza.attrs, offline: '1' } } : stanza;
    if (stanza.tag === 'message' && this.tampering.corrupt > 0) {
      this.tampering.corrupt--;
      copy = corrupted(copy);
    } else if (stanza.tag === 'message' && this.tampering.empty > 0) {
      this.tampering.empty--;
      copy = emptied(copy);
    }
    entry.delivery.sent?.();
    this.sink?.send(copy);
  }

  private preview(): BinaryNode {
    const count = (tag: string): string =>
      String(this.unsent.filter((entry) => entry.delivery.stanza.tag === tag).length);
    return node('offline_preview', {
      count: String(this.offlineCount),
      message: count('message'),
      notification: count('notification'),
      receipt: count('receipt'),
      call: count('call'),
      appdata: '0',
    });
  }

  private endOfflinePhase(): void {
    if (this.offlineLeft === 0) {
      this.offlineLeft = -1;
      const offline = node('offline', { count: String(this.offlineCount) });
      this.sink?.send(node('ib', { from: '@s.whatsapp.net' }, [offline]));
    }
  }
}

function keyOf(tag: string, id: string): string {
  return `${tag}\n${id}`;
}

function isNoDirectMessage({ delivery: { stanza } }: Entry): boolean {
  return stanza.tag === 'message' && /@(g\.us|broadcast|newsletter)$/.test(stanza.attrs['from'] ?? '');
}
