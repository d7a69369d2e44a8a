import type { proto } from '@whiskeysockets/baileys';
import type { ContentClass } from '../../common/inbox.js';
import type { MediaReference } from '../../common/media-reference.js';
import type { MessageMetadata, MessageType } from '../../common/message-types.js';

/** A field of WhatsApp's `Message`, which names the kind of content in it. */
export type MessageKindName = keyof proto.IMessage;

/** How one kind of content is classed, what it looks like as text, and what is known of it beside that. */
export interface MessageKind<Name extends MessageKindName> {
  contentClass: ContentClass;
  /** What it is; `unsupported` where none is told. */
  type?: MessageType | ((content: NonNullable<proto.IMessage[Name]>) => MessageType);
  describe(content: NonNullable<proto.IMessage[Name]>): string;
  /** By what names; texts in it are cleaned and cut by whoever asks. */
  metadata?(content: NonNullable<proto.IMessage[Name]>): MessageMetadata | undefined;
  /** The file that it brings. */
  media?(content: NonNullable<proto.IMessage[Name]>): MediaReference | undefined;
}

/** Kinds by name. */
export type MessageKinds = { readonly [Name in MessageKindName]?: MessageKind<Name> };
