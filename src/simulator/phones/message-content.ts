import type { proto } from '@whiskeysockets/baileys';
import type { PlainFile } from '../media-host/plain-file.js';

/** A message that another one refers to; sent and received messages both fit. */
export interface MessageReference {
  readonly id: string;
  /** Number of its author. */
  readonly from: string;
  readonly text?: string;
}

/** A file to send; a small sample of its kind where it is left out. */
interface FileContent {
  readonly file?: Buffer | PlainFile;
  /** What the message says that it is, true or not. */
  readonly mimetype?: string;
  /** Says that the file is here instead of sending one: nobody can fetch it. */
  readonly url?: string;
  /** Fields of the message that differ from what is true: lengths, hashes, sizes … */
  readonly claims?: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

interface Card {
  readonly displayName: string;
  readonly vcard: string;
}

/** What can be in a message, one property for each kind. */
export type Body =
  | {
      readonly text: string;
      readonly preview?: { readonly url: string; readonly title: string; readonly description?: string };
    }
  | { readonly image: FileContent & { readonly caption?: string } }
  | {
      readonly video: FileContent & {
        readonly caption?: string;
        readonly seconds?: number;
        /** Plays in a loop, without sound. */
        readonly gif?: boolean;
        /** A round video note. */
        readonly round?: boolean;
      };
    }
  | { readonly document: FileContent & { readonly fileName: string; readonly caption?: string } }
  | {
      readonly audio: FileContent & {
        readonly seconds?: number;
        /** A voice note; otherwise music. */
        readonly ptt?: boolean;
      };
    }
  | { readonly sticker: true | (FileContent & { readonly animated?: boolean }) }
  | { readonly album: { readonly images?: number; readonly videos?: number } }
  | { readonly location: Place & { readonly name?: string; readonly address?: string } }
  | {
      readonly liveLocation: Place & {
        readonly caption?: string;
        readonly speed?: number;
        /** Which update of it this is. */
        readonly sequence?: number;
      };
    }
  | { readonly contact: Card }
  | { readonly contacts: readonly Card[] }
  | {
      readonly poll: {
        readonly question: string;
        readonly options: readonly string[];
        readonly selectable?: number;
      };
    }
  | {
      readonly event: {
        readonly name: string;
        readonly description?: string;
        readonly startsAt?: Date | string;
        readonly place?: Place & { readonly name?: string };
        readonly canceled?: boolean;
      };
    }
  | { readonly buttons: { readonly text: string; readonly buttons: readonly string[] } }
  | { readonly buttonReply: { readonly id: string; readonly text: string } }
  | {
      readonly list: { readonly text: string; readonly button: string; readonly rows: readonly string[] };
    }
  | { readonly listReply: { readonly id: string; readonly title: string; readonly description?: string } }
  | { readonly templateReply: { readonly id: string; readonly text: string; readonly index?: number } }
  | { readonly flowReply: { readonly name: string; readonly text?: string; readonly answers: object } }
  | {
      readonly order: {
        readonly id: string;
        readonly title: string;
        readonly items: number;
        readonly amount1000: number;
        readonly currency: string;
        readonly message?: string;
      };
    }
  | {
      readonly product: {
        readonly id: string;
        readonly title: string;
        readonly description?: string;
        readonly amount1000?: number;
        readonly currency?: string;
        readonly url?: string;
      };
    }
  | { readonly invite: { readonly group: string; readonly name: string; readonly code: string } }
  | {
      readonly payment: { readonly amount1000: number; readonly currency: string; readonly note?: string };
    }
  | { readonly callLog: { readonly video?: boolean; readonly missed?: boolean; readonly seconds?: number } };

/** What is said of a message beside what is in it. */
export interface MessageContext {
  readonly replyTo?: MessageReference;
  /** Addresses of those who are named in the text. */
  readonly mentions?: readonly string[];
  /** How often it was forwarded; true for once. */
  readonly forwarded?: boolean | number;
  /** It was begun by a tap on an advertisement. */
  readonly ad?: {
    readonly title: string;
    readonly body?: string;
    readonly url: string;
    readonly id?: string;
  };
  /** May be looked at once. */
  readonly viewOnce?: boolean;
  /** Disappears after so many seconds. */
  readonly ephemeral?: number;
  /** It is a part of this album. */
  readonly albumOf?: MessageReference;
}

/** What is done to another message. A reference may be to a message of either side. */
export type Change =
  | { readonly reaction: string; readonly to: MessageReference }
  | { readonly revoke: MessageReference }
  /** `sealed`: as phones of this year send it, under the secret of the message. */
  | { readonly edit: MessageReference; readonly text: string; readonly sealed?: boolean }
  | { readonly vote: readonly string[]; readonly to: MessageReference }
  | { readonly answer: 'going' | 'not_going' | 'maybe'; readonly to: MessageReference }
  | { readonly comment: string; readonly to: MessageReference }
  | { readonly pin: MessageReference; readonly on?: boolean }
  | { readonly keep: MessageReference; readonly on?: boolean };

/** What a phone can write. A string is a plain text; `raw` sends any message as is. */
export type Content =
  | string
  | (Body & MessageContext)
  | Change
  | {
      readonly raw: proto.IMessage;
      readonly type?: string;
      readonly mediatype?: string;
      readonly edit?: string;
      readonly hideFailure?: boolean;
    };

/** A message ready to be encrypted, with the labels its stanza carries. */
export interface ComposedMessage {
  readonly message: proto.IMessage;
  readonly type: string;
  readonly mediatype?: string;
  /** Stanza attribute: 1 = edit, 2 = pin, 7 = delete. */
  readonly edit?: string;
  /** Stanza child `meta`: what clients are told of a message before they decrypt it. */
  readonly meta?: Readonly<Record<string, string>>;
  /** Linked clients get no message but word that there is one; empty for no type. */
  readonly unavailable?: string;
  /** Reactions and the like: a receiver that cannot decrypt them shows nothing. */
  readonly hideFailure?: boolean;
}
