import { type Channel, channel } from 'node:diagnostics_channel';

/**
 * A point that received messages pass, for whoever measures their way: a channel of `node:diagnostics_channel`. What is published is what is
 * at hand there, as it is, so that a point without a subscriber costs no more than a look whether there is one.
 */
export interface MessageStep<Passing> extends Channel {
  /** Never there: says what is published. */
  readonly passing?: Passing;
}

/** What stands for one message. */
interface WithAttributes {
  /** Those of its stanza: `id` is the message's. */
  attrs: Readonly<Record<string, string>>;
}

/** What became of one message. */
interface WithId {
  messageId?: string | undefined;
}

/** A batch of the group commit. */
interface Batch {
  messageIds(): Iterable<string>;
}

/** The way of a received message; where a worker is in the process it is taken before its commit, and ingested with it. */
export const MESSAGE_STEPS = {
  /** Its stanza was read from the line and decoded. */
  read: step<WithAttributes>('read'),
  /** The stanzas before it are handled: its turn has come. */
  begun: step<WithAttributes>('begun'),
  /** It is decrypted, and will be written with its ratchet step. */
  decrypted: step<WithAttributes>('decrypted'),
  /** Its batch takes nothing more and is about to be sealed and sent to the database. */
  closed: step<Batch>('closed'),
  /** Its batch is stored. */
  committed: step<Batch>('committed'),
  /** The frames that its session held for the batch, receipts among them, were given to the socket. */
  released: step<Batch>('released'),
  /** The worker has it in hand. */
  taken: step<{ rows: Iterable<WithAttributes> }>('taken'),
  /** It is read and classified. */
  planned: step<Iterable<WithId>>('planned'),
  /** What it means is stored, its event included. */
  ingested: step<Iterable<WithId>>('ingested'),
  /** Its event was given to Socket.IO. */
  emitted: step<{ payload: object }>('emitted'),
} as const;

/** Tells whoever listens that something is there. */
export function passed<Passing>(at: MessageStep<Passing>, passing: Passing): void {
  if (at.hasSubscribers) {
    at.publish(passing);
  }
}

function step<Passing>(name: string): MessageStep<Passing> {
  return channel(`auzap.message.${name}`);
}
