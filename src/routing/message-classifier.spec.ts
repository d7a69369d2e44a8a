import { describe, expect, it } from 'vitest';
import type { MessageChange } from '../common/message-change.js';
import type { ChatKind, ContentClass, PersonAddress, ReceivedMessage } from '../common/inbox.js';
import { classifyMessage, ROUTING_REASONS } from './message-classifier.js';
import { OwnerDirectory } from './owner-directory.js';

type WithoutTarget<Change> = Change extends unknown ? Omit<Change, 'target'> : never;
type ChangeWithoutTarget = WithoutTarget<MessageChange>;

const ana: PersonAddress = { phone: '5511988887777', lid: '222' };
const owners = new OwnerDirectory([
  { phone: '5511999887766', lid: '111' },
  { phone: '5521977776666' },
  { lid: '333' },
]);

function aMessage(overrides: Partial<ReceivedMessage> = {}): ReceivedMessage {
  return {
    messageId: 'AA01',
    sentAt: new Date('2026-01-01T00:00:00Z'),
    chatKind: 'direct',
    fromMe: false,
    isPeerTraffic: false,
    sender: ana,
    peer: ana,
    contentClass: 'text',
    type: 'text',
    contentType: 'conversation',
    text: 'oi',
    ...overrides,
  };
}

/** Somebody writes to the instance. */
function from(sender: PersonAddress): Partial<ReceivedMessage> {
  return { sender, peer: sender };
}

const bytes = new Uint8Array(1);

function changes(change: ChangeWithoutTarget): Partial<ReceivedMessage> {
  const target = { messageId: 'BB02', fromMe: false };
  return {
    contentClass: 'change',
    type: 'unsupported',
    text: '',
    change: { ...change, target } as MessageChange,
  };
}

describe('classifyMessage', () => {
  it.each<[string, Partial<ReceivedMessage>, string, string]>([
    ['a client', {}, 'client', 'client'],
    ['a client known by LID only', from({ lid: '222' }), 'client', 'client'],
    ['a client with a picture', { contentClass: 'media' }, 'client', 'client'],
    ['a client with something unsupported', { contentClass: 'other' }, 'client', 'client'],
    ['a client that calls itself like the owner', { pushName: '5511999887766' }, 'client', 'client'],
    ["a client whose number has the digits of an owner's LID", from({ phone: '111' }), 'client', 'client'],
    [
      "a client whose LID has the digits of an owner's number",
      from({ lid: '5511999887766' }),
      'client',
      'client',
    ],
    [
      "a client with an owner's number and one digit more",
      from({ phone: '55119998877660' }),
      'client',
      'client',
    ],
    ['the owner to a client', { fromMe: true, sender: { phone: '5511999887766' } }, 'owner_note', 'from_me'],
    ['the owner to itself', { fromMe: true, chatKind: 'self', peer: undefined }, 'owner_note', 'from_me'],
    ['another instance of the organization', from({ phone: '5521977776666' }), 'owner_note', 'from_owner'],
    ['another instance without the ninth digit', from({ phone: '552177776666' }), 'owner_note', 'from_owner'],
    ['another instance by LID', from({ lid: '333' }), 'owner_note', 'from_owner'],
    [
      'another instance by LID with an unknown number',
      from({ phone: '4915112345678', lid: '333' }),
      'owner_note',
      'from_owner',
    ],
    ['the owner to a group', { fromMe: true, chatKind: 'group', peer: undefined }, 'group', 'group'],
    ['somebody in a group', { chatKind: 'group', peer: undefined }, 'group', 'group'],
    [
      'a reaction in a group',
      { chatKind: 'group', peer: undefined, ...changes({ kind: 'reaction', emoji: '👍' }) },
      'change',
      'reaction',
    ],
    [
      'what is to be seen once in a group',
      { chatKind: 'group', peer: undefined, contentClass: 'undecryptable', placeholder: 'view_once' },
      'group',
      'view_once_in_group',
    ],
    ["the owner's status", { fromMe: true, chatKind: 'status', peer: undefined }, 'skip', 'status'],
    ['the owner to a bot', { fromMe: true, chatKind: 'bot', peer: undefined }, 'skip', 'bot'],
    [
      "the owner's reaction",
      { fromMe: true, ...changes({ kind: 'reaction', emoji: '👍' }) },
      'change',
      'reaction',
    ],
    ["a client's call", { contentClass: 'call', type: 'call' }, 'owner_note', 'call'],
    ['a vote', changes({ kind: 'poll_vote', options: [] }), 'change', 'poll_vote'],
    [
      'an edit',
      changes({ kind: 'edit', content: 'x', contentType: 'conversation', type: 'text' }),
      'change',
      'edit',
    ],
    ['a deletion', changes({ kind: 'delete' }), 'change', 'deletion'],
    ['a pin', changes({ kind: 'pin', on: true }), 'change', 'pin'],
    ['a sealed edit', changes({ kind: 'sealed', use: 'edit', payload: bytes, iv: bytes }), 'change', 'edit'],
    [
      'a sealed comment',
      changes({ kind: 'sealed', use: 'comment', payload: bytes, iv: bytes }),
      'skip',
      'comment',
    ],
    [
      'what is hidden and could not be read',
      { contentClass: 'undecryptable', isHidden: true },
      'skip',
      'hidden_unread',
    ],
    ['what is hidden', { contentClass: 'other', isHidden: true }, 'skip', 'hidden'],
    [
      'what is hidden of the owner',
      { contentClass: 'other', isHidden: true, fromMe: true },
      'skip',
      'hidden',
    ],
    ["the owner's edit", { fromMe: true, contentClass: 'protocol', text: '' }, 'skip', 'protocol'],
    [
      'traffic between devices',
      { fromMe: true, chatKind: 'self', isPeerTraffic: true },
      'skip',
      'peer_traffic',
    ],
    ['a client that claims to be a device', { isPeerTraffic: true }, 'skip', 'peer_traffic'],
    ['somebody without address', from({}), 'skip', 'unknown_sender'],
    ['a direct chat without other side', { peer: undefined }, 'skip', 'unknown_sender'],
    ["a client's placeholder", { contentClass: 'undecryptable' }, 'placeholder', 'undecryptable'],
    [
      'what a client shows once',
      { contentClass: 'undecryptable', placeholder: 'view_once' },
      'placeholder',
      'view_once',
    ],
    [
      'what the owner shows a client once',
      { fromMe: true, contentClass: 'undecryptable', placeholder: 'view_once' },
      'owner_note',
      'own_view_once',
    ],
    [
      "an owner's placeholder",
      { ...from({ lid: '333' }), contentClass: 'undecryptable' },
      'undecrypted',
      'undecryptable_elsewhere',
    ],
    [
      'a placeholder in a group',
      { chatKind: 'group', peer: undefined, contentClass: 'undecryptable' },
      'undecrypted',
      'undecryptable_elsewhere',
    ],
    [
      'a placeholder between devices',
      { fromMe: true, chatKind: 'self', isPeerTraffic: true, contentClass: 'undecryptable' },
      'skip',
      'peer_traffic',
    ],
  ])('routes %s', (_name, overrides, action, reason) => {
    expect(classifyMessage(aMessage(overrides), owners)).toEqual({ action, reason });
  });

  it.each<[ChatKind, string]>([
    ['status', 'status'],
    ['broadcast', 'broadcast'],
    ['newsletter', 'newsletter'],
    ['bot', 'bot'],
    ['other', 'unknown_chat'],
  ])('skips what was sent to a chat of kind %s', (chatKind, reason) => {
    expect(classifyMessage(aMessage({ chatKind, peer: undefined }), owners)).toEqual({
      action: 'skip',
      reason,
    });
  });

  it.each<ContentClass>(['protocol', 'key_distribution', 'empty'])(
    'skips content of class %s, whoever wrote it',
    (contentClass) => {
      for (const fromMe of [false, true]) {
        const decision = classifyMessage(aMessage({ contentClass, fromMe }), owners);
        expect(decision).toEqual({ action: 'skip', reason: contentClass });
      }
    },
  );

  it('takes everybody for a client where no instance has an address yet', () => {
    const nobody = new OwnerDirectory([{}]);
    expect(classifyMessage(aMessage(), nobody).action).toBe('client');
    expect(classifyMessage(aMessage({ fromMe: true }), nobody).action).toBe('owner_note');
  });

  it('has one name for each rule', () => {
    expect(new Set(ROUTING_REASONS).size).toBe(ROUTING_REASONS.length);
  });
});
