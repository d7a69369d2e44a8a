import { type BinaryNode, decodeMediaRetryNode } from '@whiskeysockets/baileys';
import type { Stage } from './stanza-pipeline.js';

/** What a phone says of a file that it was asked to upload once more. */
export interface FileAnswer {
  /** Who says so, as the server has it. */
  from: string;
  messageId: string;
  chatJid: string;
  /** Sealed with the key of the file; absent where the phone has it no more, or does not give it. */
  media?: { ciphertext: Uint8Array; iv: Uint8Array };
}

/**
 * Hands such answers on before the library acknowledges them.
 * @param record settles when what follows is stored; rejects where it could not be: the answer is left unacknowledged, and WhatsApp
 *   repeats it on the next connection
 */
export function recordFileAnswers(record: (answer: FileAnswer) => Promise<void>): Stage {
  return async (stanza, next) => {
    const answer = stanza.attrs['type'] === 'mediaretry' ? readFileAnswer(stanza) : undefined;
    if (answer) {
      await record(answer);
    }
    await next(stanza);
  };
}

/** @returns undefined of what says nothing */
export function readFileAnswer(stanza: BinaryNode): FileAnswer | undefined {
  const { from } = stanza.attrs;
  try {
    const { key, media } = decodeMediaRetryNode(stanza);
    return from && key.id && key.remoteJid
      ? { from, messageId: key.id, chatJid: key.remoteJid, ...(media && { media }) }
      : undefined;
  } catch {
    return undefined;
  }
}
