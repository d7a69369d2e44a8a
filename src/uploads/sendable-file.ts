import type { OutgoingFile, OutgoingMediaType } from '../common/outgoing-content.js';
import { AppError } from '../common/app-error.js';
import type { StoredFile } from './stored-file.js';

const MB = 1024 ** 2;

/** What a file of each kind may be. */
interface FileLimit {
  maxMb: number;
  /** MIME types, by their beginning; undefined: any. */
  types?: readonly string[];
  takes: string;
}

/** WhatsApp's own limits, as its applications have them. */
export const FILE_LIMITS: Readonly<Record<OutgoingMediaType, FileLimit>> = {
  image: { maxMb: 16, types: ['image/jpeg', 'image/png'], takes: 'JPEG or PNG' },
  video: { maxMb: 64, types: ['video/mp4', 'video/3gpp'], takes: 'MP4 (H.264, AAC) or 3GP' },
  gif: { maxMb: 16, types: ['video/mp4'], takes: 'MP4 (H.264) without sound' },
  video_note: { maxMb: 16, types: ['video/mp4'], takes: 'a square MP4 (H.264, AAC)' },
  audio: { maxMb: 16, types: ['audio/'], takes: 'MP3, M4A, AAC, AMR or Ogg' },
  voice: {
    maxMb: 16,
    types: ['audio/ogg; codecs=opus'],
    takes: 'Ogg with Opus, for example by ffmpeg -i speech.mp3 -ac 1 -c:a libopus -b:a 32k speech.ogg',
  },
  document: { maxMb: 2_048, takes: 'anything' },
  sticker: { maxMb: 10, types: ['image/'], takes: 'a picture' },
};

/** @returns the size in bytes that a file of this kind may have */
export function maxBytesOf(type: OutgoingMediaType): number {
  return FILE_LIMITS[type].maxMb * MB;
}

/** @returns the kind of message that a file is by its content, where nobody says it */
export function typeOfFile({ mimeType }: Pick<StoredFile, 'mimeType'>): OutgoingMediaType {
  const type = (['image', 'video', 'audio'] as const).find((kind) => fits(kind, mimeType));
  return type ?? 'document';
}

/**
 * @param path of the field that the file came by
 * @throws AppError `validation_failed` with WhatsApp's limit
 */
export function assertSendable(
  type: OutgoingMediaType,
  { size, mimeType, seconds }: StoredFile,
  path: string,
): void {
  const { maxMb, takes } = FILE_LIMITS[type];
  if (size > maxMb * MB) {
    const message = `WhatsApp takes a ${type} of up to ${maxMb} MB (it has ${(size / MB).toFixed(1)} MB)`;
    throw invalid(path, message);
  }
  if (!fits(type, mimeType)) {
    throw invalid(path, `a ${type} must be ${takes} (it is ${mimeType})`);
  }
  if (type === 'voice' && seconds === undefined) {
    throw invalid(path, `a voice must be ${takes} (it has no sound, or no end)`);
  }
}

/** @returns what a message says of a file */
export function outgoingFile(file: StoredFile, fileName: string | undefined): OutgoingFile {
  const { id, backend, sha256, size, mimeType, width, height, seconds } = file;
  return {
    id,
    backend,
    sha256,
    size,
    mimeType,
    ...(fileName !== undefined && { fileName }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(seconds !== undefined && { seconds: Math.max(Math.round(seconds), 1) }),
  };
}

function fits(type: OutgoingMediaType, mimeType: string): boolean {
  const { types } = FILE_LIMITS[type];
  return types === undefined || types.some((one) => mimeType.startsWith(one));
}

function invalid(path: string, message: string): AppError {
  return new AppError('validation_failed', {
    message: `The input is invalid: ${path}: ${message}.`,
    details: [{ path, message }],
  });
}
