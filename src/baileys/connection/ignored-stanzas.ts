import { type BinaryNode, isJidMetaAI } from '@whiskeysockets/baileys';
import { shouldIgnoreJid } from '../decoding/ignored-jids.js';
import { isOfBots } from '../signal/stanza-row.js';
import type { Stage } from './stanza-pipeline.js';

/**
 * Acknowledges messages that this service ignores, those of statuses, channels, bots and (unless the instance stores them) groups,
 * without handing them on, before they take a place in any queue.
 *
 * Baileys would refuse such messages with error 500, and those of bots with 495. WhatsApp takes that for a failed delivery: it brings a status that was refused
 * first on every connection, and nothing else of what waits (WhiskeySockets/Baileys#2779); what is never answered comes
 * again, too. A plain acknowledgement is what WhatsApp Web and whatsmeow give to what they take without a receipt. It claims nothing:
 * a receipt would show the author of a group message that it was delivered.
 *
 * @param acknowledge sends a plain acknowledgement of a stanza
 * @param storesGroups whether the instance keeps what is written in groups, now
 */
export function acknowledgeIgnored(
  acknowledge: (stanza: BinaryNode) => Promise<unknown>,
  storesGroups: () => boolean,
): Stage {
  return (stanza, next) => {
    if (isIgnored(stanza, storesGroups())) {
      // A line that is gone: WhatsApp brings it again.
      acknowledge(stanza).catch(() => undefined);
      return undefined;
    }
    return next(stanza);
  };
}

/** Since 2026 statuses may come as stanzas of their own (oxidezap/whatsapp-rust#1101), which Baileys 7.0.0-rc14 does not know. */
function isIgnored(stanza: BinaryNode, storesGroups: boolean): boolean {
  const { from = '', recipient = '' } = stanza.attrs;
  return (
    stanza.tag === 'status' ||
    isNoChat(from, storesGroups) ||
    isNoChat(recipient, storesGroups) ||
    isOfBots(stanza)
  );
}

/** A place where this service takes no part: it is known, and no chat with a person. */
function isNoChat(jid: string, storesGroups: boolean): boolean {
  return shouldIgnoreJid(jid, storesGroups) || Boolean(isJidMetaAI(jid));
}
