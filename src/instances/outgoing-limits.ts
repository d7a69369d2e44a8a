import type { OutgoingMediaType } from '../common/outgoing-content.js';

const MB = 1024 * 1024;

/** WhatsApp's own limits, as its applications have them: checked before anything leaves. Lengths are in characters. */
export const OUTGOING_LIMITS = {
  text: 65_536,
  caption: 1_024,
  fileName: 255,
  placeName: 1_024,
  pollQuestion: 255,
  pollOption: 100,
  pollOptions: { min: 2, max: 12 },
  contacts: 50,
  contactNumbers: 10,
  contactName: 256,
  mentions: 1_024,
  emoji: 32,
} as const;

/** What a file of each kind may be: its largest size in bytes, and what its content is. */
export interface FileLimit {
  maxBytes: number;
  /** MIME types, by their beginning; undefined: any. */
  mimeTypes?: readonly string[];
  /** For the sentence of a refusal. */
  takes: string;
}

export const FILE_LIMITS: Readonly<Record<OutgoingMediaType, FileLimit>> = {
  image: { maxBytes: 16 * MB, mimeTypes: ['image/jpeg', 'image/png'], takes: 'JPEG or PNG' },
  video: { maxBytes: 64 * MB, mimeTypes: ['video/mp4', 'video/3gpp'], takes: 'MP4 (H.264, AAC) or 3GP' },
  gif: { maxBytes: 16 * MB, mimeTypes: ['video/mp4'], takes: 'MP4 without sound' },
  video_note: { maxBytes: 16 * MB, mimeTypes: ['video/mp4'], takes: 'a square MP4 (H.264, AAC)' },
  audio: {
    maxBytes: 16 * MB,
    mimeTypes: ['audio/'],
    takes: 'MP3, M4A, AAC, AMR or Ogg',
  },
  voice: {
    maxBytes: 16 * MB,
    mimeTypes: ['audio/ogg'],
    takes: 'Ogg with Opus (ffmpeg -i <file> -ac 1 -c:a libopus -b:a 32k voice.ogg)',
  },
  document: { maxBytes: 2_048 * MB, takes: 'anything' },
  sticker: { maxBytes: 10 * MB, mimeTypes: ['image/'], takes: 'a picture' },
};

/** Largest file that any kind takes. */
export const MAX_FILE_BYTES = Math.max(...Object.values(FILE_LIMITS).map(({ maxBytes }) => maxBytes));
