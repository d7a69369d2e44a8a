import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';

/** A message that another one refers to; sent and received messages both fit. */
export interface MessageReference {
  readonly id: string;
  /** Number of its author. */
  readonly from: string;
}

/** What a phone can write. A string is a plain text; `raw` sends any message as is. */
export type Content =
  | string
  | { readonly text: string; readonly replyTo?: MessageReference }
  | { readonly image: { readonly caption?: string; readonly url?: string } }
  | { readonly document: { readonly fileName: string; readonly caption?: string } }
  | { readonly audio: { readonly seconds?: number; readonly ptt?: boolean } }
  | { readonly sticker: true }
  | { readonly location: { readonly latitude: number; readonly longitude: number; readonly name?: string } }
  | { readonly contact: { readonly displayName: string; readonly vcard: string } }
  | { readonly reaction: string; readonly to: MessageReference }
  | { readonly revoke: MessageReference }
  | { readonly edit: MessageReference; readonly text: string }
  | { readonly raw: proto.IMessage; readonly type?: string; readonly mediatype?: string };

/** A message ready to be encrypted, with the labels its stanza carries. */
export interface ComposedMessage {
  readonly message: proto.IMessage;
  readonly type: string;
  readonly mediatype?: string;
  /** Stanza attribute: 1 = edit, 7 = delete. */
  readonly edit?: string;
  /** Reactions and the like: a receiver that cannot decrypt them shows nothing. */
  readonly hideFailure?: boolean;
}

/** Who writes to whom, for contents that refer to other messages. */
export interface Perspective {
  readonly author: string;
  /** The receiver's address, which keys of quoted messages name. */
  readonly chatAddress: string;
}

const DUMMY_URL = 'https://mmg.whatsapp.net/simulated';

function media(mimetype: string, url = DUMMY_URL) {
  return {
    url,
    mimetype,
    mediaKey: randomBytes(32),
    fileSha256: randomBytes(32),
    fileEncSha256: randomBytes(32),
    fileLength: 1024,
  };
}

function keyOf(reference: MessageReference, view: Perspective): proto.IMessageKey {
  return { id: reference.id, fromMe: reference.from === view.author, remoteJid: view.chatAddress };
}

/** Turns a content into a protobuf message and its stanza labels. */
export function compose(content: Content, view: Perspective): ComposedMessage {
  if (typeof content === 'string') {
    return { type: 'text', message: { conversation: content } };
  }
  if ('raw' in content) {
    const { mediatype } = content;
    return { type: content.type ?? 'text', message: content.raw, ...(mediatype && { mediatype }) };
  }
  return composeReference(content, view) ?? composeMedia(content);
}

type Structured = Exclude<Content, string | { readonly raw: proto.IMessage }>;

function composeReference(content: Structured, view: Perspective): ComposedMessage | undefined {
  const timestampMs = Date.now();
  if ('reaction' in content) {
    const key = keyOf(content.to, view);
    const reactionMessage = { key, text: content.reaction, senderTimestampMs: timestampMs };
    return { type: 'reaction', message: { reactionMessage }, hideFailure: true };
  }
  const { Type } = proto.Message.ProtocolMessage;
  if ('revoke' in content) {
    const protocolMessage = { key: keyOf(content.revoke, view), type: Type.REVOKE };
    return { type: 'text', edit: '7', message: { protocolMessage } };
  }
  if ('edit' in content) {
    const editedMessage = { conversation: content.text };
    const key = keyOf(content.edit, view);
    const protocolMessage = { key, type: Type.MESSAGE_EDIT, editedMessage, timestampMs };
    return { type: 'text', edit: '1', message: { protocolMessage } };
  }
  return undefined;
}

function composeMedia(content: Structured): ComposedMessage {
  if ('image' in content) {
    const { caption, url } = content.image;
    const imageMessage = { ...media('image/jpeg', url), width: 10, height: 10, ...(caption && { caption }) };
    return { type: 'media', mediatype: 'image', message: { imageMessage } };
  }
  if ('document' in content) {
    const documentMessage = { ...media('application/pdf'), ...content.document };
    return { type: 'media', mediatype: 'document', message: { documentMessage } };
  }
  if ('audio' in content) {
    const { seconds = 3, ptt = true } = content.audio;
    const audioMessage = { ...media('audio/ogg; codecs=opus'), seconds, ptt };
    return { type: 'media', mediatype: ptt ? 'ptt' : 'audio', message: { audioMessage } };
  }
  if ('sticker' in content) {
    return { type: 'media', mediatype: 'sticker', message: { stickerMessage: media('image/webp') } };
  }
  if ('location' in content) {
    const { latitude, longitude, name } = content.location;
    const locationMessage = { degreesLatitude: latitude, degreesLongitude: longitude, ...(name && { name }) };
    return { type: 'media', mediatype: 'location', message: { locationMessage } };
  }
  if ('contact' in content) {
    return { type: 'media', mediatype: 'vcard', message: { contactMessage: content.contact } };
  }
  if ('text' in content && !('edit' in content)) {
    const contextInfo = content.replyTo && {
      stanzaId: content.replyTo.id,
      quotedMessage: { conversation: '' },
    };
    return {
      type: 'text',
      message: { extendedTextMessage: { text: content.text, ...(contextInfo && { contextInfo }) } },
    };
  }
  throw new Error('unknown content');
}
