import type { proto } from '@whiskeysockets/baileys';
import type { ContentClass } from '../../common/inbox.js';
import type { MessageType } from '../../common/message-types.js';

/** A field of WhatsApp's `Message`, which names the kind of content in it. */
export type MessageKindName = keyof proto.IMessage;

/** How one kind of content is classed, and what it looks like as text. */
export interface MessageKind<Name extends MessageKindName> {
  contentClass: ContentClass;
  /** What it is; `unsupported` where none is told. */
  type?: MessageType | ((content: NonNullable<proto.IMessage[Name]>) => MessageType);
  describe(content: NonNullable<proto.IMessage[Name]>): string;
}

/** Kinds by name. */
export type MessageKinds = { readonly [Name in MessageKindName]?: MessageKind<Name> };
