import type { ReceivedMessage } from '../../common/inbox.js';
import type { MessageMetadata } from '../../common/message-types.js';
import { type MessageContext, readContext } from './message-context.js';
import { cleanMetadata } from './message-metadata.js';
import { type MessageView, targetOf } from './message-target.js';
import type { UnwrappedMessage, Wrapper } from './message-unwrap.js';
import { contextOf, describeShown, detailsOf } from './shown-kinds.js';
import { proto } from '@whiskeysockets/baileys';

/** What a message holds: words, and what is known beside them. */
export type MessageContent = Omit<
  ReceivedMessage,
  'messageId' | 'sentAt' | 'chatKind' | 'fromMe' | 'isPeerTraffic' | 'sender' | 'peer' | 'pushName'
>;

const ONCE: readonly Wrapper[] = ['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension'];
/** What is sealed to the secret of these is opened with it; the secrets of others stay in the rows of the inbox. */
const WITH_SECRET = new Set(['poll', 'event']);
const SECRET_BYTES = 32;
const { AssociationType } = proto.MessageAssociation;
/** What a message that belongs to another one is to it. */
const RELATIONS = new Map<proto.MessageAssociation.AssociationType, string>([
  [AssociationType.MEDIA_ALBUM, 'album'],
  [AssociationType.HD_IMAGE_DUAL_UPLOAD, 'better_quality'],
  [AssociationType.HD_VIDEO_DUAL_UPLOAD, 'better_quality'],
  [AssociationType.HEVC_VIDEO_DUAL_UPLOAD, 'better_quality'],
  [AssociationType.MOTION_PHOTO, 'motion_photo'],
  [AssociationType.EVENT_COVER_IMAGE, 'event_cover'],
  [AssociationType.MEDIA_POLL, 'poll_option'],
]);

/**
 * @param unwrapped a message
 * @param view from whose side it is read
 * @returns what a person wrote or sent; undefined where it is nothing of the kind
 */
export function readShown(unwrapped: UnwrappedMessage, view: MessageView): MessageContent | undefined {
  const { message, wrappers, context } = unwrapped;
  const described = describeShown(message);
  if (!described) {
    return undefined;
  }
  const { name, ...words } = described;
  const content: MessageContent = { ...words, contentType: name };
  // The usual text: nothing stands beside it.
  if (name === 'conversation' && wrappers.length === 0 && !context?.messageAssociation) {
    return content;
  }
  const info = contextOf(name, message);
  const { metadata: details, media } = detailsOf(name, message);
  const { metadata: beside, ...around }: MessageContext = info ? readContext(info, view) : {};
  const metadata = cleanMetadata({ ...details, ...beside, ...belongingOf(unwrapped, view) });
  const secret = WITH_SECRET.has(words.type) ? secretOf(unwrapped) : undefined;
  return {
    ...content,
    ...around,
    ...commentOf(unwrapped, view),
    ...(isOnce(unwrapped) && { isViewOnce: true }),
    ...(wrappers.includes('ephemeralMessage') && { isEphemeral: true }),
    ...(metadata && { metadata }),
    ...(media && { media }),
    ...(secret && { secret }),
  };
}

/** @returns what opens changes that are sealed to this message */
export function secretOf({ message, context }: UnwrappedMessage): Uint8Array | undefined {
  const secret = context?.messageSecret ?? message.pollCreationMessage?.encKey;
  return secret?.length === SECRET_BYTES ? secret : undefined;
}

function isOnce({ message, wrappers }: UnwrappedMessage): boolean {
  const { imageMessage, videoMessage, audioMessage, extendedTextMessage } = message;
  return Boolean(
    wrappers.some((wrapper) => ONCE.includes(wrapper)) ||
    imageMessage?.viewOnce ||
    videoMessage?.viewOnce ||
    audioMessage?.viewOnce ||
    extendedTextMessage?.viewOnce,
  );
}

/** Of which other message it is a part. */
function belongingOf({ context }: UnwrappedMessage, view: MessageView): MessageMetadata {
  const { parentMessageKey, associationType } = context?.messageAssociation ?? {};
  const parent = targetOf(parentMessageKey, view);
  const relation = RELATIONS.get(associationType ?? AssociationType.UNKNOWN);
  return parent && relation
    ? { part_of: { message_id: parent.messageId, from_me: parent.fromMe, as: relation } }
    : {};
}

/** A comment answers what it is about. */
function commentOf({ commented }: UnwrappedMessage, view: MessageView): Pick<MessageContent, 'replyTo'> {
  const target = targetOf(commented, view);
  return target ? { replyTo: { ...target, content: '' } } : {};
}
