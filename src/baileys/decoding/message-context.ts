import type { proto } from '@whiskeysockets/baileys';
import type { ReceivedMessage } from '../../common/inbox.js';
import type { MessageMetadata } from '../../common/message-types.js';
import { personOf } from './message-addresses.js';
import { cleanMessageId } from './message-cleaning.js';
import { adReferral } from './ad-referral.js';
import { describeShown } from './shown-kinds.js';
import { authorIsAccount, type MessageView } from './message-target.js';
import { unwrapMessage } from './message-unwrap.js';

/** What stands beside any kind of content. */
export type MessageContext = Pick<
  ReceivedMessage,
  'replyTo' | 'mentions' | 'isForwarded' | 'isEphemeral' | 'metadata'
>;

const MAX_QUOTE_LENGTH = 1_000;
const MAX_MENTIONS = 1_024;
/** From here on phones write "forwarded many times". */
const MAX_FORWARDS = 127;

/**
 * @param info beside a message's content
 * @param view from whose side it is read
 * @returns what it answers, whom it mentions, where it comes from
 */
export function readContext(info: proto.IContextInfo, view: MessageView): MessageContext {
  const replyTo = quoteOf(info, view);
  const mentions = mentionsOf(info.mentionedJid);
  const metadata = metadataOf(info);
  return {
    ...(replyTo && { replyTo }),
    ...(mentions.length > 0 && { mentions }),
    ...((info.isForwarded || info.forwardingScore) && { isForwarded: true }),
    ...(info.expiration && { isEphemeral: true }),
    ...(metadata && { metadata }),
  };
}

/** @returns those of the addresses that are people's */
export function mentionsOf(jids: readonly string[] | null | undefined): string[] {
  const people = (jids ?? []).slice(0, MAX_MENTIONS).map((jid) => personOf(jid));
  return [...new Set(people.flatMap(({ phone, lid }) => phone ?? (lid === undefined ? [] : `${lid}@lid`)))];
}

function quoteOf(info: proto.IContextInfo, view: MessageView): ReceivedMessage['replyTo'] {
  if (!info.stanzaId) {
    return undefined;
  }
  return {
    messageId: cleanMessageId(info.stanzaId),
    fromMe: authorIsAccount(info.participant, view),
    content: info.quotedMessage ? quotedWords(info.quotedMessage) : '',
  };
}

/** Only the words: what the quoted message quotes in turn is nobody's concern, however deep it goes. */
function quotedWords(quoted: proto.IMessage): string {
  const { message } = unwrapMessage(quoted);
  return (describeShown(message)?.text ?? '').slice(0, MAX_QUOTE_LENGTH).toWellFormed();
}

function metadataOf(info: proto.IContextInfo): MessageMetadata | undefined {
  const referral = adReferral(info);
  const score = Math.min(info.forwardingScore ?? 0, MAX_FORWARDS);
  const isOfStatus = info.stanzaId && info.remoteJid === 'status@broadcast';
  const metadata = {
    ...(referral && { referral }),
    ...(score > 0 && { forward_score: score }),
    ...(isOfStatus && { replies_to_status: true }),
    ...(info.forwardedNewsletterMessageInfo?.newsletterName && {
      forwarded_from_channel: info.forwardedNewsletterMessageInfo.newsletterName,
    }),
  };
  return Object.keys(metadata).length > 0 ? metadata : undefined;
}
