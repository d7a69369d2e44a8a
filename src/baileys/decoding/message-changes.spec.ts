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
    ['a reaction to nothing', { reactionMessage: { text: '👍' } }],
    ['a vote that says nothing', { pollUpdateMessage: { pollCreationMessageKey: { id: 'A' } } }],
  ])('takes %s for no change', (_name, message) => {
    expect(read(message, ofAna)).toBeUndefined();
  });
});
