import type { BinaryNode } from '../../protocol/node.js';

/** How a linked device answered a stanza. */
export interface Answer {
  readonly kind: 'receipt' | 'ack';
  /** Receipt type: undefined = delivered, `inactive`, `sender`, `peer_msg` … */
  readonly type?: string;
  /** Error code of a nack (487 duplicate, 500 not decryptable or ignored …). */
  readonly error?: number;
  readonly at: Date;
  /** `performance.now()` of the answer. */
  readonly atMs: number;
}

/** A stanza on its way to a linked device; it stays queued until it is answered. */
export interface StanzaDelivery {
  readonly stanza: BinaryNode;
  /** Each time it was written to the connection. */
  sent?(): void;
  answered?(answer: Answer): void;
  /** It will never be answered: the device was unlinked. */
  abandoned?(): void;
  /** The client could not decrypt it and asks for a new copy. */
  retryRequested?(request: BinaryNode): void;
}

/** Where the queue writes while the device is online. */
export interface StanzaSink {
  isCongested(): boolean;
  send(stanza: BinaryNode): void;
}
