import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { PersonAddress } from '../../common/inbox.js';
import type { SealedChange, SealedUse } from '../../common/message-change.js';
import type { MessageView } from './message-target.js';
import { openSealedChange } from './sealed-changes.js';

const account = { phone: '5511999887766', lid: '111' };
const ana: PersonAddress = { phone: '5511988887777', lid: '222' };
const secret = randomBytes(32);
const iv = randomBytes(12);
const target = { messageId: 'POLL', fromMe: true };
const view: MessageView = { chatKind: 'direct', fromMe: false, account };
const opening = { secret, author: account, sender: ana };

/** As a phone seals it; extracting and expanding written out, as in the library. */
function seal(
  use: SealedUse,
  label: string,
  plaintext: Uint8Array,
  { from = '111@lid', by = '222@lid', names = false } = {},
): SealedChange {
  const extracted = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  const info = Buffer.from(`POLL${from}${by}${label}`);
  const key = createHmac('sha256', extracted)
    .update(Buffer.concat([info, Buffer.of(1)]))
    .digest();
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  if (names) {
    cipher.setAAD(Buffer.from(`POLL\0${by}`));
  }
  const payload = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { kind: 'sealed', target, use, payload, iv };
}

const monday = createHash('sha256').update('Mon').digest();
const vote = proto.Message.PollVoteMessage.encode({ selectedOptions: [monday] }).finish();
const answer = proto.Message.EventResponseMessage.encode({ response: 1 }).finish();
const message = (content: proto.IMessage) => proto.Message.encode(content).finish();

describe('openSealedChange', () => {
  it.each<[string, SealedChange, object]>([
    [
      'a vote',
      seal('poll_vote', 'Poll Vote', vote, { names: true }),
      { kind: 'poll_vote', target, options: [monday.toString('hex')] },
    ],
    [
      'a vote by phone numbers',
      seal('poll_vote', 'Poll Vote', vote, {
        from: '5511999887766@s.whatsapp.net',
        by: '5511988887777@s.whatsapp.net',
        names: true,
      }),
      { kind: 'poll_vote', target, options: [monday.toString('hex')] },
    ],
    [
      'a vote that was taken back',
      seal('poll_vote', 'Poll Vote', new Uint8Array(), { names: true }),
      { kind: 'poll_vote', target, options: [] },
    ],
    [
      'an answer to an event',
      seal('event_answer', 'Event Response', answer, { names: true }),
      { kind: 'event_answer', target, answer: 'going' },
    ],
    [
      'a reaction',
      seal('reaction', 'Enc Reaction', proto.Message.ReactionMessage.encode({ text: '👍' }).finish()),
      { kind: 'reaction', target, emoji: '👍' },
    ],
    [
      'an edit',
      seal('edit', 'Message Edit', message({ conversation: 'new' })),
      { kind: 'edit', target, content: 'new', contentType: 'conversation', type: 'text' },
    ],
    [
      'an edit within a protocol message',
      seal('edit', 'Message Edit', message({ protocolMessage: { editedMessage: { conversation: 'new' } } })),
      { kind: 'edit', target, content: 'new', contentType: 'conversation', type: 'text' },
    ],
    [
      'an edit of an event',
      seal('edit', 'Event Edit', message({ eventMessage: { name: 'Later', isCanceled: true } })),
      { kind: 'edit', content: '[event cancelled] Later', type: 'event' },
    ],
  ])('opens %s', (_name, sealed, change) => {
    expect(openSealedChange(sealed, opening, view)).toMatchObject(change);
  });

  it.each<[string, SealedChange, object]>([
    [
      'another secret',
      seal('edit', 'Message Edit', message({ conversation: 'x' })),
      { secret: randomBytes(32) },
    ],
    [
      'another author',
      seal('edit', 'Message Edit', message({ conversation: 'x' })),
      { author: { lid: '333' } },
    ],
    [
      'another sender',
      seal('edit', 'Message Edit', message({ conversation: 'x' })),
      { sender: { lid: '333' } },
    ],
    ['another use', { ...seal('reaction', 'Poll Vote', vote), use: 'poll_vote' }, {}],
    ['no payload', { ...seal('edit', 'Message Edit', vote), payload: new Uint8Array(3) }, {}],
    ['an IV of another length', { ...seal('edit', 'Message Edit', vote), iv: new Uint8Array(4) }, {}],
    ['what is no message', seal('edit', 'Message Edit', Buffer.from('0aff01', 'hex')), {}],
    ['an edit to nothing', seal('edit', 'Message Edit', message({})), {}],
    [
      'an answer that nobody knows',
      seal('event_answer', 'Event Response', new Uint8Array(), { names: true }),
      {},
    ],
  ])('opens nothing with %s', (_name, sealed, other) => {
    expect(openSealedChange(sealed, { ...opening, ...other }, view)).toBeUndefined();
  });
});
