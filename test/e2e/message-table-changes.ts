import { proto } from '@whiskeysockets/baileys';
import { expect } from 'vitest';
import type { Content } from '../../src/simulator/phones/message-content.js';
import { seal } from '../../src/simulator/phones/message-seal.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
const POLL: Content = { poll: { question: 'When?', options: ['mon', 'tue'] } };
const NOW = { degreesLatitude: 3, degreesLongitude: 4 };

type ChangeEvent =
  'whatsapp:message-edited' | 'whatsapp:message-deleted' | 'whatsapp:message-updated' | 'whatsapp:reaction';

/** What a phone writes, does to it then, and what REST and events say after that. */
interface ChangeCase {
  first: Content;
  change: (first: SentMessage, author: Phone, owner: Phone) => Content;
  becomes: object;
  event: ChangeEvent;
}

const edited = { content: 'second', edited_at: expect.any(String) as string };
const liked = { reactions: [{ emoji: '👍', from_me: false }] };

/** A case for each kind of change and WhatsApp's name of it. */
export const CHANGE_CASES: Record<string, ChangeCase> = {
  'edit protocolMessage': {
    first: 'first',
    change: (first) => ({ edit: first, text: 'second' }),
    becomes: edited,
    event: 'whatsapp:message-edited',
  },
  'edit secretEncryptedMessage': {
    first: 'first',
    change: (first) => ({ edit: first, text: 'second', sealed: true }),
    becomes: edited,
    event: 'whatsapp:message-edited',
  },
  'delete protocolMessage': {
    first: 'first',
    change: (first) => ({ revoke: first }),
    becomes: { content: '', deleted_at: expect.any(String) as string },
    event: 'whatsapp:message-deleted',
  },
  'reaction reactionMessage': {
    first: 'first',
    change: (first) => ({ reaction: '👍', to: first }),
    becomes: liked,
    event: 'whatsapp:reaction',
  },
  'reaction encReactionMessage': {
    first: 'first',
    change: ({ id, secret }, author, owner) => {
      const jid = author.address('lid');
      const plaintext = proto.Message.ReactionMessage.encode({ text: '👍' }).finish();
      const sealed = seal('Enc Reaction', { id, author: jid, changer: jid, secret: secret! }, plaintext);
      const targetMessageKey = { id, fromMe: true, remoteJid: owner.address('lid') };
      return { raw: { encReactionMessage: { targetMessageKey, ...sealed } }, hideFailure: true };
    },
    becomes: liked,
    event: 'whatsapp:reaction',
  },
  'poll_vote pollUpdateMessage': {
    first: POLL,
    change: (first) => ({ vote: ['tue'], to: first }),
    becomes: {
      metadata: {
        options: [
          { name: 'mon', votes: 0 },
          { name: 'tue', votes: 1 },
        ],
      },
    },
    event: 'whatsapp:message-updated',
  },
  'event_answer encEventResponseMessage': {
    first: { event: { name: 'Party' } },
    change: (first) => ({ answer: 'maybe', to: first }),
    becomes: { metadata: { answers: { going: 0, not_going: 0, maybe: 1 } } },
    event: 'whatsapp:message-updated',
  },
  'pin pinInChatMessage': {
    first: 'first',
    change: (first) => ({ pin: first }),
    becomes: { metadata: { is_pinned: true } },
    event: 'whatsapp:message-updated',
  },
  'keep keepInChatMessage': {
    first: 'first',
    change: (first) => ({ keep: first }),
    becomes: { metadata: { is_kept: true } },
    event: 'whatsapp:message-updated',
  },
  'live_location protocolMessage': {
    first: { liveLocation: { latitude: 1, longitude: 2 } },
    change: ({ id }, _author, owner) => {
      const key = { id, fromMe: true, remoteJid: owner.address('lid') };
      const editedMessage = { liveLocationMessage: { ...NOW, sequenceNumber: 2 } };
      return { raw: { protocolMessage: { key, type: MESSAGE_EDIT, editedMessage } }, edit: '1' };
    },
    becomes: { metadata: { latitude: 3, longitude: 4 } },
    event: 'whatsapp:message-updated',
  },
};
