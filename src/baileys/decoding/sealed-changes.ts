import { createDecipheriv, hkdfSync } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';
import type { MessageChange, SealedChange, SealedUse } from '../../common/message-change.js';
import { cleanEmoji, readEdit } from './message-changes.js';
import type { MessageView } from './message-target.js';

/** What opens a sealed change. */
export interface SealedOpening {
  /** Of the message that is changed. */
  secret: Uint8Array;
  /** Who wrote that message. */
  author: PersonAddress;
  /** Who changed it. */
  sender: PersonAddress;
}

/**
 * By what the key is derived; those of edits are one for each kind of message. `tulir/whatsmeow`, `msgsecret.go`, has them all; those of votes and
 * answers are also in the library (`lib/Utils/process-message.js`).
 */
const LABELS: Record<SealedUse, readonly string[]> = {
  poll_vote: ['Poll Vote'],
  event_answer: ['Event Response'],
  edit: ['Message Edit', 'Event Edit', 'Poll Edit', 'Poll Add Option'],
  reaction: ['Enc Reaction'],
  comment: ['Enc Comment'],
};
/** Those whose seal also names message and sender. */
const NAMING: ReadonlySet<SealedUse> = new Set(['poll_vote', 'event_answer']);
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HASH_BYTES = 32;
/** Several keys are tried on it. */
const MAX_PAYLOAD_BYTES = 1_048_576;
const MAX_OPTIONS = 100;
const ANSWERS = new Map([
  [proto.Message.EventResponseMessage.EventResponseType.GOING, 'going'],
  [proto.Message.EventResponseMessage.EventResponseType.NOT_GOING, 'not_going'],
  [proto.Message.EventResponseMessage.EventResponseType.MAYBE, 'maybe'],
] as const);

/**
 * Phones derive the key from the two people's addresses, in whichever of their two forms their chat has: all are tried.
 * @param view from whose side the message is read that brought it
 * @returns what was sealed; undefined where the secret does not open it, or it holds nothing that is understood
 */
export function openSealedChange(
  sealed: SealedChange,
  opening: SealedOpening,
  view: MessageView,
): MessageChange | undefined {
  const plaintext = openPayload(sealed, opening);
  if (!plaintext) {
    return undefined;
  }
  try {
    return readPlaintext(sealed, plaintext, view);
  } catch {
    // Whoever sealed it wrote no message.
    return undefined;
  }
}

function openPayload(sealed: SealedChange, { secret, author, sender }: SealedOpening): Buffer | undefined {
  const { payload, iv, use } = sealed;
  if (payload.length < TAG_BYTES || payload.length > MAX_PAYLOAD_BYTES || iv.length !== IV_BYTES) {
    return undefined;
  }
  for (const label of LABELS[use]) {
    for (const authorJid of jidsOf(author)) {
      for (const senderJid of jidsOf(sender)) {
        const { messageId } = sealed.target;
        const info = `${messageId}${authorJid}${senderJid}${label}`;
        const key = hkdfSync('sha256', secret, new Uint8Array(), info, KEY_BYTES);
        const named = NAMING.has(use) ? `${messageId}\0${senderJid}` : undefined;
        const plaintext = decrypt(sealed, Buffer.from(key), named);
        if (plaintext) {
          return plaintext;
        }
      }
    }
  }
  return undefined;
}

function jidsOf({ lid, phone }: PersonAddress): string[] {
  return [...(lid ? [`${lid}@lid`] : []), ...(phone ? [`${phone}@s.whatsapp.net`] : [])];
}

function decrypt({ payload, iv }: SealedChange, key: Buffer, named: string | undefined): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  if (named !== undefined) {
    decipher.setAAD(Buffer.from(named));
  }
  decipher.setAuthTag(payload.subarray(-TAG_BYTES));
  const plaintext = decipher.update(payload.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

function readPlaintext(
  { use, target }: SealedChange,
  bytes: Buffer,
  view: MessageView,
): MessageChange | undefined {
  switch (use) {
    case 'poll_vote': {
      const { selectedOptions } = proto.Message.PollVoteMessage.decode(bytes);
      const hashes = selectedOptions.filter(({ length }) => length === HASH_BYTES).slice(0, MAX_OPTIONS);
      const options = [...new Set(hashes.map((hash) => Buffer.from(hash).toString('hex')))];
      return { kind: 'poll_vote', target, options };
    }
    case 'event_answer': {
      const { response } = proto.Message.EventResponseMessage.decode(bytes);
      const answer = ANSWERS.get(response as never);
      return answer && { kind: 'event_answer', target, answer };
    }
    case 'reaction':
      return {
        kind: 'reaction',
        target,
        emoji: cleanEmoji(proto.Message.ReactionMessage.decode(bytes).text),
      };
    case 'edit': {
      const message = proto.Message.decode(bytes);
      return readEdit(target, message.protocolMessage?.editedMessage ?? message, view);
    }
    case 'comment':
      // They stand in the announcements of communities, which are ignored.
      return undefined;
  }
}
