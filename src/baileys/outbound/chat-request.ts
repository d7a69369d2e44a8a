/** What a chat shows while somebody writes. */
export const TYPING_STATES = ['composing', 'recording', 'paused'] as const;
export type TypingState = (typeof TYPING_STATES)[number];

/** Messages of one chat, as WhatsApp names them. */
export interface ReadMessages {
  chatJid: string;
  ids: string[];
}

/** What people want of a chat or a number besides sending. `to`: digits of a phone number, or `<digits>@lid`. */
export type ChatRequest =
  | { action: 'read'; chats: ReadMessages[] }
  | { action: 'typing'; to: string; state: TypingState }
  | { action: 'watch'; to: string }
  | { action: 'look_up'; number: string }
  /** Of the chat, before this message. What the phone hands over comes later, as history. */
  | {
      action: 'fetch_history';
      to: string;
      messageId: string;
      fromMe: boolean;
      sentAtMs: number;
      count: number;
    }
  /** `mediaKey`: base64; `authorJid`: of a message of a group. What the phone says comes later, and is stored when it comes. */
  | {
      action: 'ask_for_file';
      chatJid: string;
      authorJid?: string;
      fromMe: boolean;
      messageId: string;
      mediaKey: string;
    }
  /** Takes the device off the account: what follows is what follows where somebody removes it on the phone. */
  | { action: 'log_out' };

/** What WhatsApp says of a phone number. */
export interface NumberInfo {
  exists: boolean;
  /** Digits, as WhatsApp spells it; null where nobody has it. */
  phoneNumber: string | null;
  /** Digits. */
  lid: string | null;
  /** Whether it is a business account, where WhatsApp said so. */
  business?: boolean;
}

/** What came of a request; only what it is about. */
export interface ChatAnswer {
  number?: NumberInfo;
  /** Of the request for history, which what comes of it names. */
  requestId?: string;
  /** When watching ends, in ISO 8601. */
  watchedUntil?: string;
}
