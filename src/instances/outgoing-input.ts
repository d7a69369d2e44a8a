import { AppError, type ErrorDetail } from '../common/app-error.js';
import { OUTGOING_MEDIA_TYPES, type OutgoingMediaType } from '../common/outgoing-content.js';
import type { SendMessageDto, SendType } from './dto/send-message.dto.js';

type Field = Exclude<keyof SendMessageDto, 'to' | 'type' | 'reply_to' | 'mentions'>;

/** Which fields a type takes beside `to`, `reply_to` and `mentions`, the first of them required. */
const FIELDS: Readonly<Record<SendType, readonly Field[]>> = {
  text: ['message', 'link_preview'],
  image: ['media', 'caption', 'file_name', 'view_once'],
  video: ['media', 'thumbnail', 'caption', 'file_name', 'view_once'],
  gif: ['media', 'thumbnail', 'caption', 'file_name'],
  video_note: ['media', 'thumbnail', 'file_name', 'view_once'],
  audio: ['media', 'file_name'],
  voice: ['media', 'file_name', 'view_once'],
  document: ['media', 'thumbnail', 'caption', 'file_name'],
  sticker: ['media', 'file_name'],
  location: ['location'],
  contact: ['contact'],
  poll: ['poll'],
  reaction: ['reaction'],
};
const ALL: readonly Field[] = [...new Set(Object.values(FIELDS).flat())];
const PLAIN: ReadonlySet<string> = new Set(['to', 'message', 'link_preview']);
/** Fields that say by themselves what is sent. */
const SAYING = ['location', 'contact', 'poll', 'reaction'] as const;

/** @returns whether a type is sent as a file */
export function isMediaType(type: SendType): type is OutgoingMediaType {
  return OUTGOING_MEDIA_TYPES.includes(type as OutgoingMediaType);
}

/** @returns whether it is a text and nothing else; a preview makes it no other message */
export function isPlainText(input: SendMessageDto): boolean {
  return Object.entries(input).every(
    ([name, value]) => value === undefined || PLAIN.has(name) || (name === 'type' && value === 'text'),
  );
}

/**
 * @param file the type that a file has which came with the input, if one did
 * @returns what is to be sent
 * @throws AppError `validation_failed`: a field is missing, or does not go with the type
 */
export function sendTypeOf(input: SendMessageDto, file?: OutgoingMediaType): SendType {
  const saying = SAYING.find((field) => input[field] !== undefined);
  const type = input.type ?? file ?? saying ?? (input.media === undefined ? 'text' : undefined);
  if (type === undefined) {
    throw invalid([{ path: 'type', message: `is required with media: ${OUTGOING_MEDIA_TYPES.join(', ')}` }]);
  }
  const details: ErrorDetail[] = [];
  if (input.to === undefined && type !== 'reaction') {
    details.push({ path: 'to', message: 'is required' });
  }
  const [required] = FIELDS[type];
  const hasFile = file !== undefined && isMediaType(type);
  if (input[required!] === undefined && !(required === 'media' && hasFile)) {
    details.push({ path: required!, message: 'is required' });
  }
  if (input.media !== undefined && file !== undefined) {
    details.push({ path: 'media', message: 'does not go with a file in the body' });
  }
  if (file !== undefined && !isMediaType(type)) {
    details.push({ path: 'file', message: `does not go with type ${type}` });
  }
  for (const field of ALL) {
    if (input[field] !== undefined && !FIELDS[type].includes(field)) {
      details.push({ path: field, message: `does not go with type ${type}` });
    }
  }
  if (type === 'reaction' && input.reply_to !== undefined) {
    details.push({ path: 'reply_to', message: 'does not go with type reaction' });
  }
  if (details.length > 0) {
    throw invalid(details);
  }
  return type;
}

/** @returns the error for an input that is wrong in these places */
export function invalid(details: ErrorDetail[]): AppError {
  const [first] = details;
  const message =
    details.length === 1 && first
      ? `The input is invalid: ${first.path}: ${first.message}.`
      : `The input is invalid in ${details.length} places: ${details.map(({ path }) => path).join(', ')}.`;
  return new AppError('validation_failed', { message, details });
}
