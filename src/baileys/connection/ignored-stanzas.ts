import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { isPerson } from '../signal/received-stanzas.js';
import { isOfBots } from '../signal/stanza-row.js';
import { shouldIgnoreJid } from '../decoding/ignored-jids.js';

const MESSAGE = 'CB:message';
/** Since 2026 statuses may come as stanzas of their own (oxidezap/whatsapp-rust#1101), which Baileys 7.0.0-rc14 does not know. */
const STATUS = 'CB:status';

type StanzaHandler = (stanza: BinaryNode) => unknown;

/**
 * Acknowledges messages that this service ignores, those of groups, statuses, broadcasts, channels and bots, without handing them
 * on, before they take a place in any queue.
 *
 * Baileys would refuse such messages with error 500, and those of bots with 495. WhatsApp takes that for a failed delivery: it brings a status that was refused
 * first on every connection, and nothing else of what waits (WhiskeySockets/Baileys#2779); what is never answered comes
 * again, too. A plain acknowledgement is what WhatsApp Web and whatsmeow give to what they take without a receipt. It claims nothing:
 * a receipt would show the author of a group message that it was delivered.
 *
 * Takes the place of the listeners that are there now, and calls them with the rest.
 *
 * @param emitter Baileys' socket client
 * @param acknowledge sends a plain acknowledgement of a stanza
 */
export function acknowledgeIgnored(
  emitter: EventEmitter,
  acknowledge: (stanza: BinaryNode) => Promise<unknown>,
): void {
  const handlers = emitter.listeners(MESSAGE) as StanzaHandler[];
  // A line that is gone: WhatsApp brings it again.
  const answer = (stanza: BinaryNode): void => void acknowledge(stanza).catch(() => undefined);
  emitter.removeAllListeners(MESSAGE);
  emitter.on(MESSAGE, (stanza: BinaryNode) => {
    const { from, recipient = '' } = stanza.attrs;
    if (!isPerson(from) || shouldIgnoreJid(recipient) || isOfBots(stanza)) {
      answer(stanza);
    } else {
      handlers.forEach((handler) => handler(stanza));
    }
  });
  emitter.on(STATUS, answer);
}
