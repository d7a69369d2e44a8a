import type { SentMessage } from '../phones/sent-message.js';

/** What the server took from a client, and whether the phone it was for could read it. */
export interface ReceivedRecord {
  readonly id: string;
  /** Address of the sending device, by phone number. */
  readonly from: string;
  readonly to: string;
  /** Number of the phone the copy was for. */
  readonly phone: string;
  readonly text: string;
  readonly at: Date;
  readonly atMs: number;
  readonly decrypted: boolean;
  readonly error?: string;
  /** The phone had this id from this sender before. */
  readonly repeated: boolean;
}

/** Totals since the start or the last clear. */
export interface LedgerCounters {
  /** Nacks of clients by code, e.g. `{ 487: 2, 500: 1 }`. */
  nacks: Record<string, number>;
  /** Retry receipts of clients: they could not decrypt a message of a phone. */
  retryRequestsFromClients: number;
  /** Retry receipts of phones: they could not decrypt a message of a client. */
  retryRequestsFromPhones: number;
  /** Copies written to connections, repeats included. */
  messagesDelivered: number;
  messagesAcknowledged: number;
  messagesFromClients: number;
}

function zero(): LedgerCounters {
  return {
    nacks: {},
    retryRequestsFromClients: 0,
    retryRequestsFromPhones: 0,
    messagesDelivered: 0,
    messagesAcknowledged: 0,
    messagesFromClients: 0,
  };
}

/** What happened in a simulated network: every message phones sent and received, the newest `limit` of each. */
export class Ledger {
  counters: LedgerCounters = zero();
  private readonly sentByKey = new Map<string, SentMessage>();
  private receivedRecords: ReceivedRecord[] = [];

  constructor(private readonly limit: number) {}

  /** Messages phones sent, oldest first. Ids may repeat between authors. */
  get sent(): SentMessage[] {
    return [...this.sentByKey.values()];
  }

  /** Messages of clients that reached a phone, decrypted or not, oldest first. */
  get received(): readonly ReceivedRecord[] {
    return this.receivedRecords;
  }

  /** Messages that at least one linked device has not confirmed. */
  get unacknowledged(): SentMessage[] {
    return this.sent.filter((message) => !message.isAcknowledged);
  }

  /** The newest message of an author under an id. */
  find(author: string, id: string): SentMessage | undefined {
    return this.sentByKey.get(`${author}:${id}`);
  }

  /** Records a message that a phone wrote. */
  addSent(message: SentMessage): void {
    const key = `${message.from}:${message.id}`;
    this.sentByKey.delete(key);
    this.sentByKey.set(key, message);
    if (this.sentByKey.size > this.limit) {
      const [oldest] = this.sentByKey.keys();
      this.sentByKey.delete(oldest ?? '');
    }
  }

  /** Records a message of a client at a phone. */
  addReceived(record: ReceivedRecord): void {
    this.receivedRecords.push(record);
    if (this.receivedRecords.length > this.limit * 1.25) {
      this.receivedRecords = this.receivedRecords.slice(-this.limit);
    }
  }

  /** Counts a nack of a client. */
  countNack(code: number): void {
    this.counters.nacks[code] = (this.counters.nacks[code] ?? 0) + 1;
  }

  /** Empties the ledger and sets the counters to zero. */
  clear(): void {
    this.sentByKey.clear();
    this.receivedRecords = [];
    this.counters = zero();
  }
}
