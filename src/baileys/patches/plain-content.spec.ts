import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { libraryText } from '../../../test/support/library-socket.js';
import { isPlainContent } from './plain-content.js';

const TEXT = { conversation: 'hello' };
const KEY = { id: 'OURS' };
const { Type } = proto.Message.ProtocolMessage;

function padded(message: proto.IMessage): Buffer {
  return Buffer.concat([proto.Message.encode(message).finish(), Buffer.from([2, 2])]);
}

describe('isPlainContent', () => {
  it.each<[string, boolean, Buffer]>([
    ['a text', true, padded(TEXT)],
    ['a text with a link', true, padded({ extendedTextMessage: { text: 'https://example.org' } })],
    [
      'a text with its secret',
      true,
      padded({ ...TEXT, messageContextInfo: { messageSecret: Buffer.alloc(32) } }),
    ],
    ['a picture', true, padded({ imageMessage: { caption: 'look' } })],
    ['a place', true, padded({ locationMessage: { name: 'here' } })],
    ['a secret alone', false, padded({ messageContextInfo: { messageSecret: Buffer.alloc(32) } })],
    ['a deletion', false, padded({ protocolMessage: { key: KEY, type: Type.REVOKE } })],
    ['an edited message', false, padded({ editedMessage: { message: TEXT } })],
    ['a history', false, padded({ protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION } })],
    ['a message of another device', false, padded({ deviceSentMessage: { message: TEXT } })],
    [
      'a key of a group beside a text',
      false,
      padded({ ...TEXT, senderKeyDistributionMessage: { groupId: 'x' } }),
    ],
    ['a message in another one', false, padded({ ephemeralMessage: { message: TEXT } })],
    ['an answer to an event', false, padded({ encEventResponseMessage: { eventCreationMessageKey: KEY } })],
    ['a reaction', false, padded({ reactionMessage: { key: KEY, text: 'x' } })],
    ['a vote', false, padded({ pollUpdateMessage: {} })],
    ['nothing', false, padded({})],
    ['no bytes', false, Buffer.alloc(0)],
    ['padding that is longer than all', false, Buffer.from([0x0a, 0x01, 0x61, 9])],
    ['something cut off', false, Buffer.from([0x0a, 0x09, 0x61, 1])],
  ])('of %s is %s', (_name, expected, bytes) => {
    expect(isPlainContent(bytes)).toBe(expected);
  });
});

/** The text between two marks. */
function between(path: string, from: string, to: string): string {
  const text = libraryText(`@whiskeysockets/baileys/lib/${path}`);
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  expect([start >= 0, end >= 0]).toEqual([true, true]);
  return text.slice(start, end);
}

describe('the library', () => {
  it.each([
    [
      'Socket/messages-recv.js',
      'const handleMessage = async',
      'const handleCall = async',
      'ccd8e66b65946b41b04925488cf235eec441328a9fdd31082d706c029d632d33',
    ],
    [
      'Socket/messages-recv.js',
      'const processNodeWithBuffer',
      "ws.on('CB:call'",
      '2dafed2dc71eac9a94213f888172407aba8fdea9ff3c01ee692f322dec097dc1',
    ],
    [
      'Socket/chats.js',
      'const upsertMessage =',
      "ws.on('CB:presence'",
      '04faaa0d6d466117c79b807a7ba388a76a897f9bd41e4c1f0770038384ce8b4a',
    ],
    [
      'Utils/process-message.js',
      'export const cleanMessage',
      '//# sourceMappingURL',
      '90f2a673b7ccfda1e8600352c430028c6411519bbe1d9db37ebd51fb43b3c42f',
    ],
    [
      'Utils/decode-wa-message.js',
      'export const getDecryptionJid',
      '//# sourceMappingURL',
      '6e98df7788e657d1a2bdefa8ece4106c2f96ead265edc6239ded9210f7bfe270',
    ],
    [
      'Signal/libsignal.js',
      'export function makeLibSignalRepository',
      '//# sourceMappingURL',
      '79e92d16272bdc0292fe5fc84504255029f14d8a280a6c760afbb3f004a83701',
    ],
    [
      'Signal/lid-mapping.js',
      'export class LIDMappingStore',
      '//# sourceMappingURL',
      'c1f47c056848774c32ffa7a56de576611de992c73abcb21058f5824bf3a23136',
    ],
  ])('is the version that was read for this: %s, %s', (path, from, to, hash) => {
    // Where this fails, `docs/fast-receive.md` says what to look for.
    expect(
      createHash('sha256')
        .update(between(path, from, to))
        .digest('hex'),
    ).toBe(hash);
  });
});
