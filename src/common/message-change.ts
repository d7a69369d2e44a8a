import type { MessageMetadata, MessageType } from './message-types.js';
import type { PersonAddress } from './person-address.js';

/** A message of the same chat as the account sees it, whoever names it. */
export interface MessageTarget {
  messageId: string;
  /** Written by the account. */
  fromMe: boolean;
  /** Who wrote it, where a chat has more than two people and it is not the account. */
  author?: PersonAddress | undefined;
}

/** What a sealed change is for; part of what its key is derived from. */
export type SealedUse = 'poll_vote' | 'event_answer' | 'edit' | 'reaction' | 'comment';

/** What became of a text. */
export interface MessageEdit {
  kind: 'edit';
  target: MessageTarget;
  content: string;
  contentType: string;
  type: MessageType;
  metadata?: MessageMetadata | undefined;
  mentions?: string[] | undefined;
}

/** A change that only the secret of its target opens. */
export interface SealedChange {
  kind: 'sealed';
  target: MessageTarget;
  use: SealedUse;
  payload: Uint8Array;
  iv: Uint8Array;
}

/**
 * What somebody did to a message that is there already, or comes later. Its target says nothing about whether its author was
 * allowed to do it.
 */
export type MessageChange =
  | MessageEdit
  | { kind: 'delete'; target: MessageTarget }
  /** An empty emoji takes the reaction back. */
  | { kind: 'reaction'; target: MessageTarget; emoji: string }
  /** Hex SHA-256 of the names of all options that are chosen now; none takes the vote back. */
  | { kind: 'poll_vote'; target: MessageTarget; options: string[] }
  | { kind: 'event_answer'; target: MessageTarget; answer: 'going' | 'not_going' | 'maybe' }
  | { kind: 'pin' | 'keep'; target: MessageTarget; on: boolean }
  | { kind: 'live_location'; target: MessageTarget; metadata: MessageMetadata }
  | SealedChange;
