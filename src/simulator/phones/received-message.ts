import type { proto } from '@whiskeysockets/baileys';
import type { Addressing } from '../protocol/address.js';

/** A message that arrived at a phone. */
export interface ReceivedMessage {
  readonly id: string;
  /** Number of the account that wrote it. */
  readonly from: string;
  /** Device of that account; 0 is its phone. */
  readonly fromDevice: number;
  /** The chat: number of the other side, or the group's address. */
  readonly chat: string;
  /** True for what a linked device of the same account wrote: the own phone's copy. */
  readonly fromMe: boolean;
  readonly text: string;
  readonly message: proto.IMessage;
  readonly addressing: Addressing;
  readonly at: Date;
  /** `performance.now()` of the arrival. */
  readonly atMs: number;
  /** How the content travelled; `none` between simulated phones. */
  readonly encryption: 'pkmsg' | 'msg' | 'skmsg' | 'none';
  /** Position in the phone's inbox, starting at 1; grows by one per message. */
  readonly sequence: number;
}

/** As much of a message as it takes to know what it does to another one. */
export type ChangingMessage = Pick<ReceivedMessage, 'from' | 'chat' | 'fromMe' | 'message' | 'addressing'>;
