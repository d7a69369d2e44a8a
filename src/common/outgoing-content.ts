/** Kinds of media that can be sent. */
export const OUTGOING_MEDIA_TYPES = [
  'image',
  'video',
  'gif',
  'video_note',
  'audio',
  'voice',
  'document',
  'sticker',
] as const;

export type OutgoingMediaType = (typeof OUTGOING_MEDIA_TYPES)[number];

/** A file of the organization that is to be sent, with what phones are told of it. */
export interface OutgoingFile {
  /** Of its row. */
  id: string;
  /** The kind of store that has it. */
  backend: string;
  /** Of the bytes as they are stored, in hex. */
  sha256: string;
  /** In bytes. */
  size: number;
  mimeType: string;
  fileName?: string | undefined;
  width?: number | undefined;
  height?: number | undefined;
  seconds?: number | undefined;
  isAnimated?: boolean | undefined;
  /** JPEG, base64. */
  thumbnail?: string | undefined;
  /** 64 values from 0 to 100, base64. */
  waveform?: string | undefined;
}

/** A message that is answered, reacted to, edited or taken back, as WhatsApp names it in its chat. */
export interface OutgoingTarget {
  /** WhatsApp's id. */
  id: string;
  fromMe: boolean;
}

/** What is quoted of a message that is answered. */
export interface OutgoingQuote extends OutgoingTarget {
  content: string;
}

/** What a link shows of the page behind it. */
export interface OutgoingLinkPreview {
  /** As the text has it. */
  matchedText: string;
  title: string;
  description?: string | undefined;
  /** JPEG, base64. */
  thumbnail?: string | undefined;
}

export interface OutgoingContact {
  name: string;
  /** Digits with country code. */
  phoneNumbers: readonly string[];
}

type Kind =
  | { type: 'text'; text: string; linkPreview?: OutgoingLinkPreview | undefined }
  | {
      type: OutgoingMediaType;
      file: OutgoingFile;
      caption?: string | undefined;
      isViewOnce?: boolean | undefined;
    }
  | {
      type: 'location';
      latitude: number;
      longitude: number;
      name?: string | undefined;
      address?: string | undefined;
    }
  | { type: 'contact'; contacts: readonly OutgoingContact[] }
  | { type: 'poll'; question: string; options: readonly string[]; selectable: number }
  | { type: 'reaction'; target: OutgoingTarget; emoji: string }
  | { type: 'edit'; target: OutgoingTarget; text: string }
  | { type: 'delete'; target: OutgoingTarget };

/** What is to be sent, beyond a plain text: stored with the message until it was written. */
export type OutgoingContent = Kind & {
  replyTo?: OutgoingQuote | undefined;
  /** Digits of phone numbers, or `<digits>@lid`. */
  mentions?: readonly string[] | undefined;
};

export type OutgoingMedia = Extract<OutgoingContent, { file: OutgoingFile }>;

/** @returns whether a file has to be brought to WhatsApp before the message can be written */
export function hasFile(content: OutgoingContent): content is OutgoingMedia {
  return 'file' in content;
}
