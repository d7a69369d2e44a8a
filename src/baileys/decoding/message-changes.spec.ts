import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { MessageView } from './message-target.js';
import { readChange } from './message-changes.js';

const account = { phone: '5511999887766', lid: '111' };
const ofAna: MessageView = { chatKind: 'direct', fromMe: false, account };
const ofOwner: MessageView = { ...ofAna, fromMe: true };
const inGroup: MessageView = { ...ofAna, chatKind: 'group' };

/** Through the wire format. */
function read(message: proto.IMessage, view: MessageView) {
  return readChange(proto.Message.decode(proto.Message.encode(message).finish()), view)?.change;
}

const sealedBytes = { encPayload: Buffer.from('p'), encIv: Buffer.from('i') };

const reaction = (key: proto.IMessageKey, text = '👍'): proto.IMessage => ({
  reactionMessage: { key, text },
});

describe('readChange', () => {
  it.each<[string, proto.IMessageKey, MessageView, boolean]>([
    ['the client to its own message', { id: 'A', fromMe: true }, ofAna, false],
    ["the client to the account's", { id: 'A', fromMe: false }, ofAna, true],
    ['the owner to its own', { id: 'A', fromMe: true }, ofOwner, true],
    ["the owner to the client's", { id: 'A', fromMe: false }, ofOwner, false],
    ["somebody in a group to the account's", { id: 'A', participant: '111:3@lid' }, inGroup, true],
    ["somebody in a group to another's", { id: 'A', participant: '222@lid' }, inGroup, false],
    ['somebody in a group to its own', { id: 'A', fromMe: true, participant: '111@lid' }, inGroup, false],
  ])('sees the message as the account does: %s', (_name, key, view, fromMe) => {
    expect(read(reaction(key), view)).toMatchObject({ target: { messageId: 'A', fromMe } });
  });

  it('reads a reaction and its end', () => {
    expect(read(reaction({ id: 'A' }), ofAna)).toMatchObject({ kind: 'reaction', emoji: '👍' });
    expect(read(reaction({ id: 'A' }, ''), ofAna)).toMatchObject({ kind: 'reaction', emoji: '' });
  });

  it.each<[string, proto.IMessage, object]>([
    [
      'an edit',
      {
        protocolMessage: {
          type: 14,
          key: { id: 'A', fromMe: true },
          editedMessage: { extendedTextMessage: { text: 'new', contextInfo: { mentionedJid: ['222@lid'] } } },
        },
      },
      {
        kind: 'edit',
        target: { messageId: 'A', fromMe: false },
        content: 'new',
        contentType: 'extendedTextMessage',
        type: 'text',
        mentions: ['222@lid'],
      },
    ],
    [
      'where a live location is now',
      {
        protocolMessage: {
          type: 14,
          key: { id: 'A', fromMe: true },
          editedMessage: { liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2 } },
        },
      },
      { kind: 'live_location', metadata: { latitude: 1, longitude: 2 } },
    ],
    ['a deletion', { protocolMessage: { type: 0, key: { id: 'A', fromMe: true } } }, { kind: 'delete' }],
    ['a pin', { pinInChatMessage: { key: { id: 'A' }, type: 1 } }, { kind: 'pin', on: true }],
    ['the end of a pin', { pinInChatMessage: { key: { id: 'A' }, type: 2 } }, { kind: 'pin', on: false }],
    ['what is kept', { keepInChatMessage: { key: { id: 'A' }, keepType: 1 } }, { kind: 'keep', on: true }],
    [
      'what is kept no more',
      { keepInChatMessage: { key: { id: 'A' }, keepType: 2 } },
      { kind: 'keep', on: false },
    ],
  ])('reads %s', (_name, message, change) => {
    expect(read(message, ofAna)).toMatchObject(change);
  });

  it.each<[string, proto.IMessage]>([
    ['event_answer', { encEventResponseMessage: { eventCreationMessageKey: { id: 'A' }, ...sealedBytes } }],
    ['reaction', { encReactionMessage: { targetMessageKey: { id: 'A' }, ...sealedBytes } }],
    ['comment', { encCommentMessage: { targetMessageKey: { id: 'A' }, ...sealedBytes } }],
    ['edit', { secretEncryptedMessage: { targetMessageKey: { id: 'A' }, secretEncType: 2, ...sealedBytes } }],
  ])('leaves a sealed %s to whoever has its secret', (use, message) => {
    expect(read(message, ofAna)).toMatchObject({ kind: 'sealed', use, target: { messageId: 'A' } });
  });

  it('leaves sealed what only the secret of its target opens', () => {
    const vote = { encPayload: Buffer.from('p'), encIv: Buffer.from('i') };
    const change = read({ pollUpdateMessage: { pollCreationMessageKey: { id: 'A' }, vote } }, ofAna);

    expect(change).toMatchObject({
      kind: 'sealed',
      use: 'poll_vote',
      target: { messageId: 'A', fromMe: true },
    });
  });

  it.each<[string, proto.IMessage]>([
    ['a text', { conversation: 'oi' }],
    ['an edit to nothing', { protocolMessage: { type: 14, key: { id: 'A' }, editedMessage: {} } }],
    ['an edit of nothing', { protocolMessage: { type: 14, editedMessage: { conversation: 'x' } } }],
    ['a reaction to nothing', { reactionMessage: { text: '👍' } }],
    ['a vote that says nothing', { pollUpdateMessage: { pollCreationMessageKey: { id: 'A' } } }],
  ])('takes %s for no change', (_name, message) => {
    expect(read(message, ofAna)).toBeUndefined();
  });
});
