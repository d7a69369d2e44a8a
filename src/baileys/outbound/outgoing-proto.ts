import { randomBytes } from 'node:crypto';
import { jidNormalizedUser, proto } from '@whiskeysockets/baileys';
import {
  hasFile,
  type OutgoingContact,
  type OutgoingContent,
  type OutgoingMedia,
  type OutgoingTarget,
} from '../../common/outgoing-content.js';
import type { UploadedFile } from './media-upload.js';

/** Where a message goes, and who sends it. */
export interface ProtoContext {
  chatJid: string;
  /** The account's own address, as the chat knows it. */
  ownJid: string;
  /** In ms since the epoch. */
  now: number;
  /** Of a message with a file. */
  uploaded?: UploadedFile | undefined;
}

type Field = keyof proto.IMessage;

/** What phones take for the type of a file where the sender of a kind does not say more. */
const VOICE = 'audio/ogg; codecs=opus';

/** @returns what is to be encrypted for a message */
export function outgoingMessage(content: OutgoingContent, context: ProtoContext): proto.Message {
  const [field, value] = fieldOf(content, context);
  if (isChange(content)) {
    return proto.Message.create({ [field]: value });
  }
  const contextInfo = contextInfoOf(content, context);
  const inner = { [field]: { ...value, ...(contextInfo && { contextInfo }) } };
  const isViewOnce = hasFile(content) && content.isViewOnce === true;
  return proto.Message.create({
    ...(isViewOnce ? { viewOnceMessage: { message: inner } } : inner),
    // Votes of a poll, and what others add to a message, are sealed with it.
    messageContextInfo: { messageSecret: randomBytes(32) },
  });
}

/** What the stanza of a message says beside its contents. */
export interface StanzaExtras {
  additionalAttributes: Record<string, string>;
  additionalNodes: { tag: string; attrs: Record<string, string> }[];
}

/** @returns what tells WhatsApp's server that a message changes another one, or begins a poll */
export function stanzaExtras(message: proto.IMessage): StanzaExtras {
  const { protocolMessage, pollCreationMessage, pollCreationMessageV3 } = message;
  const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
  const edit =
    protocolMessage?.type === MESSAGE_EDIT ? '1' : protocolMessage?.type === REVOKE ? '7' : undefined;
  return {
    additionalAttributes: edit === undefined ? {} : { edit },
    additionalNodes:
      pollCreationMessage || pollCreationMessageV3 ? [{ tag: 'meta', attrs: { polltype: 'creation' } }] : [],
  };
}

/** @returns whether it changes another message and shows nothing by itself */
export function isChange({ type }: Pick<OutgoingContent, 'type'>): boolean {
  return type === 'reaction' || type === 'edit' || type === 'delete';
}

function fieldOf(content: OutgoingContent, context: ProtoContext): [Field, object] {
  switch (content.type) {
    case 'text': {
      const { text, linkPreview } = content;
      return ['extendedTextMessage', { text, ...(linkPreview && previewOf(linkPreview)) }];
    }
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return ['locationMessage', { degreesLatitude: latitude, degreesLongitude: longitude, name, address }];
    }
    case 'contact':
      return contactField(content.contacts);
    case 'poll': {
      const { question, options, selectable } = content;
      const poll = {
        name: question,
        selectableOptionsCount: selectable,
        options: options.map((optionName) => ({ optionName })),
      };
      return [selectable === 1 ? 'pollCreationMessageV3' : 'pollCreationMessage', poll];
    }
    case 'reaction': {
      const key = keyOf(content.target, context);
      return ['reactionMessage', { key, text: content.emoji, senderTimestampMs: context.now }];
    }
    case 'edit': {
      const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
      const editedMessage = {
        extendedTextMessage: { text: content.text, ...mentionInfo(content.mentions) },
      };
      const key = keyOf(content.target, context);
      return ['protocolMessage', { key, type: MESSAGE_EDIT, editedMessage, timestampMs: context.now }];
    }
    case 'delete': {
      const { REVOKE } = proto.Message.ProtocolMessage.Type;
      return ['protocolMessage', { key: keyOf(content.target, context), type: REVOKE }];
    }
    default:
      return mediaField(content, context);
  }
}

function mediaField(content: OutgoingMedia, { uploaded, now }: ProtoContext): [Field, object] {
  if (!uploaded) {
    throw new Error('the file of a message was not uploaded');
  }
  const { type, file, caption, isViewOnce } = content;
  const { width, height, seconds, mimeType, isAnimated } = file;
  const jpegThumbnail = file.thumbnail === undefined ? undefined : Buffer.from(file.thumbnail, 'base64');
  const common = {
    ...uploaded,
    mimetype: mimeType,
    mediaKeyTimestamp: Math.floor(now / 1_000),
    ...(isViewOnce && { viewOnce: true }),
  };
  const shown = { ...common, caption, jpegThumbnail, width, height };
  switch (type) {
    case 'image':
      return ['imageMessage', shown];
    case 'video':
      return ['videoMessage', { ...shown, seconds }];
    case 'gif':
      return ['videoMessage', { ...shown, seconds, gifPlayback: true }];
    case 'video_note':
      return ['ptvMessage', { ...shown, caption: undefined, seconds }];
    case 'audio':
      return ['audioMessage', { ...common, seconds }];
    case 'voice': {
      const waveform = file.waveform === undefined ? undefined : Buffer.from(file.waveform, 'base64');
      return ['audioMessage', { ...common, mimetype: VOICE, seconds, waveform, ptt: true }];
    }
    case 'document': {
      const fileName = file.fileName ?? 'file';
      return ['documentMessage', { ...common, caption, jpegThumbnail, fileName, title: fileName }];
    }
    case 'sticker':
      return ['stickerMessage', { ...common, width, height, isAnimated, stickerSentTs: now }];
  }
}

function previewOf(preview: NonNullable<Extract<OutgoingContent, { type: 'text' }>['linkPreview']>) {
  const { matchedText, title, description, thumbnail } = preview;
  return {
    matchedText,
    title,
    description,
    previewType: proto.Message.ExtendedTextMessage.PreviewType.NONE,
    ...(thumbnail !== undefined && { jpegThumbnail: Buffer.from(thumbnail, 'base64') }),
  };
}

function contactField(contacts: readonly OutgoingContact[]): [Field, object] {
  const cards = contacts.map((contact) => ({ displayName: contact.name, vcard: vcardOf(contact) }));
  return cards.length === 1
    ? ['contactMessage', cards[0]!]
    : ['contactsArrayMessage', { displayName: `${cards.length} contacts`, contacts: cards }];
}

/** RFC 2426, with the parameter by which WhatsApp knows its accounts. */
function vcardOf({ name, phoneNumbers }: OutgoingContact): string {
  const escaped = name.replace(/[\\,;]/g, String.raw`\$&`).replace(/\r\n|\r|\n/g, String.raw`\n`);
  const lines = phoneNumbers.map((number) => `TEL;type=CELL;type=VOICE;waid=${number}:+${number}`);
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${escaped};;;`, `FN:${escaped}`, ...lines, 'END:VCARD'].join(
    '\n',
  );
}

function keyOf({ id, fromMe }: OutgoingTarget, { chatJid }: ProtoContext): proto.IMessageKey {
  return { remoteJid: chatJid, fromMe, id };
}

function contextInfoOf(
  { replyTo, mentions }: OutgoingContent,
  { chatJid, ownJid }: ProtoContext,
): proto.IContextInfo | undefined {
  const quote = replyTo && {
    stanzaId: replyTo.id,
    participant: jidNormalizedUser(replyTo.fromMe ? ownJid : chatJid),
    quotedMessage: { conversation: replyTo.content },
  };
  const mentioned = mentionInfo(mentions)?.contextInfo;
  return quote || mentioned ? { ...quote, ...mentioned } : undefined;
}

function mentionInfo(
  mentions: readonly string[] | undefined,
): { contextInfo: { mentionedJid: string[] } } | undefined {
  return mentions === undefined || mentions.length === 0
    ? undefined
    : { contextInfo: { mentionedJid: mentions.map(jidOf) } };
}

function jidOf(address: string): string {
  return address.includes('@') ? address : `${address}@s.whatsapp.net`;
}
