import type { proto } from '@whiskeysockets/baileys';
import type { ContentClass } from '../../common/inbox.js';

/** A field of WhatsApp's `Message`, which names the kind of content in it. */
export type MessageKindName = keyof proto.IMessage;

/** How one kind of content is classed, and what it looks like as text. */
export interface MessageKind<Name extends MessageKindName> {
  contentClass: ContentClass;
  describe(content: NonNullable<proto.IMessage[Name]>): string;
}

/** Kinds by name. */
export type MessageKinds = { readonly [Name in MessageKindName]?: MessageKind<Name> };
