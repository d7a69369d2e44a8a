import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { InboxRow } from '../../common/inbox.js';
import { PlainBody } from '../../common/plain-body.js';
import { SecretBox } from '../../common/secret-box.js';
import { decodeRow, secretOfRow } from './message-decoder.js';

const box = new SecretBox([Buffer.alloc(32, 7)]);
const decode = (row: InboxRow) => decodeRow(row, box);
const receivedAt = new Date('2026-03-01T12:00:00Z');

function seal(padded: Uint8Array, hash = 'h'): Buffer {
  return box.seal(padded, ['instance', 'inbox', hash]);
}

function pad(bytes: Uint8Array, length = 5): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(length, length)]);
}

function aRow(message: proto.IMessage, overrides: Partial<InboxRow> = {}): InboxRow {
  return {
    id: '1',
    organizationId: 'org_123',
    instanceId: 'instance',
    attrs: { id: 'AA01', from: '5511988887777@s.whatsapp.net', t: '1767225600', notify: 'Ana' },
    encryption: 'msg',
    hash: 'h',
    body: seal(pad(proto.Message.encode(message).finish())),
    receivedAt,
    attempts: 0,
    account: { phone: '5511999887766', lid: '111' },
    ...overrides,
  };
}

describe('the decoder', () => {
  it('turns a row into words', () => {
    const message = decode(aRow({ conversation: 'oi' }));

    expect(message).toEqual({
      messageId: 'AA01',
      sentAt: new Date('2026-01-01T00:00:00Z'),
      chatKind: 'direct',
      fromMe: false,
      isPeerTraffic: false,
      sender: { phone: '5511988887777' },
      peer: { phone: '5511988887777' },
      pushName: 'Ana',
      contentClass: 'text',
      type: 'text',
      contentType: 'conversation',
      text: 'oi',
    });
  });

  it('reads a row in clear without any key', () => {
    const bytes = pad(proto.Message.encode({ conversation: 'oi' }).finish());
    const row = aRow({}, { body: new PlainBody(bytes) });

    expect(decodeRow(row, undefined)).toEqual(decode(aRow({ conversation: 'oi' })));
  });

  it.each([
    ['a usual time', '1767225600', '2026-01-01T00:00:00.000Z'],
    ['a time before WhatsApp', '86400', '1970-01-02T00:00:00.000Z'],
    ['a time to come', '4102444800', receivedAt.toISOString()],
    ['a time a moment ahead', '1772366430', '2026-03-01T12:00:30.000Z'],
    ['a time two minutes ahead', '1772366520', receivedAt.toISOString()],
    ['zero', '0', receivedAt.toISOString()],
    ['nothing', '', receivedAt.toISOString()],
    ['words', 'yesterday', receivedAt.toISOString()],
    ['a negative number', '-5', receivedAt.toISOString()],
    ['milliseconds', '1767225600000', receivedAt.toISOString()],
    ['more than 32 bits', '9999999999', receivedAt.toISOString()],
    ['an exponent', '1e9', receivedAt.toISOString()],
  ])('reads %s as the time of sending', (_name, t, expected) => {
    const row = aRow({ conversation: 'x' }, { attrs: { id: 'A', from: '5511988887777@s.whatsapp.net', t } });
    expect(decode(row).sentAt.toISOString()).toBe(expected);
  });

  it('takes the time of receipt where the stanza has no time', () => {
    const row = aRow({ conversation: 'x' }, { attrs: { id: 'A', from: '5511988887777@s.whatsapp.net' } });
    expect(decode(row).sentAt).toEqual(receivedAt);
  });

  it('keeps a text whole, however long', () => {
    const text = 'ã'.repeat(200_000);
    expect(decode(aRow({ conversation: text })).text).toBe(text);
  });

  it('reads a placeholder of what could not be decrypted', () => {
    const message = decode(aRow({}, { encryption: 'none', body: null }));
    expect(message).toMatchObject({
      contentClass: 'undecryptable',
      text: '[unreadable message] could not be read yet',
      metadata: { placeholder: 'undecrypted' },
      chatKind: 'direct',
    });
  });

  it.each<[string, Record<string, string>, object]>([
    ['what could not be decrypted', {}, { placeholder: 'undecrypted' }],
    ['what WhatsApp has no copy of', { unavailable: '' }, { placeholder: 'unavailable' }],
    [
      'what is to be seen once',
      { unavailable: 'view_once' },
      { placeholder: 'view_once', isViewOnce: true, text: '[view once] look on the phone' },
    ],
    [
      'what was seen once elsewhere',
      { unavailable: 'view_once_unavailable_fanout' },
      { placeholder: 'view_once' },
    ],
    ['what is hidden then', { decrypt_fail: 'hide' }, { placeholder: 'undecrypted', isHidden: true }],
    ['an edit', { edit: '1' }, { placeholder: 'undecrypted', isHidden: true }],
  ])('tells placeholders apart: %s', (_name, hints, expected) => {
    const attrs = { id: 'A', from: '5511988887777@s.whatsapp.net', ...hints };
    const message = decode(aRow({}, { encryption: 'none', body: null, attrs }));

    expect(message).toMatchObject({ contentClass: 'undecryptable', ...expected });
    expect(message.isHidden ?? false).toBe('isHidden' in expected);
  });

  it.each<[string, Record<string, string>, proto.IMessage, boolean]>([
    ['an unknown kind', { decrypt_fail: 'hide' }, { chat: { displayName: 'x' } }, true],
    ['an unknown edit', { edit: '9' }, { chat: { displayName: 'x' } }, true],
    ['an unknown kind that is to be shown', {}, { chat: { displayName: 'x' } }, false],
    ['a text', { decrypt_fail: 'hide' }, { conversation: 'x' }, false],
    ['a text that stands for another one', { edit: '1' }, { conversation: 'x' }, true],
  ])('hides what the wire says is hidden: %s', (_name, hints, content, isHidden) => {
    const attrs = { id: 'A', from: '5511988887777@s.whatsapp.net', ...hints };

    expect(decode(aRow(content, { attrs })).isHidden ?? false).toBe(isHidden);
  });

  it('hides a field that this schema does not know', () => {
    const attrs = { id: 'A', from: '5511988887777@s.whatsapp.net', decrypt_fail: 'hide' };
    const body = seal(pad(Buffer.from('a23802aabb', 'hex')));

    expect(decode(aRow({}, { attrs, body }))).toMatchObject({ contentType: 'unknown', isHidden: true });
  });

  it('gives the secret of any message', () => {
    const messageSecret = new Uint8Array(32).fill(3);
    const row = aRow({ conversation: 'x', messageContextInfo: { messageSecret } });

    expect(secretOfRow(row, box)).toEqual(messageSecret);
    expect(secretOfRow(aRow({ conversation: 'x' }), box)).toBeUndefined();
    expect(secretOfRow({ ...row, body: null }, box)).toBeUndefined();
    expect(decode(row)).not.toHaveProperty('secret');
  });

  it('names a kind of message that this schema does not know, instead of dropping it', () => {
    // Field 900, two bytes; beside it the context that most messages carry.
    const unknown = Buffer.from('a23802aabb', 'hex');
    const context = proto.Message.encode({
      messageContextInfo: { messageSecret: Buffer.alloc(32) },
    }).finish();

    for (const bytes of [unknown, Buffer.concat([context, unknown])]) {
      const message = decode(aRow({}, { body: seal(pad(bytes)) }));
      expect(message).toMatchObject({
        contentClass: 'other',
        contentType: 'unknown',
        text: '[unsupported message]',
      });
    }
  });

  it.each<[string, proto.IMessage, string]>([
    ['nothing at all', {}, 'empty'],
    ['only context', { messageContextInfo: { messageSecret: Buffer.alloc(300) } }, 'empty'],
    ['an empty text', { extendedTextMessage: { text: '' } }, 'empty'],
    ['only a group key', { senderKeyDistributionMessage: { groupId: 'g' } }, 'key_distribution'],
  ])('takes %s for what it is', (_name, content, contentClass) => {
    expect(decode(aRow(content))).toMatchObject({ contentClass, text: '' });
  });

  it('takes out what Postgres can not store', () => {
    const row = aRow(
      { conversation: 'a\0b\ud800c' },
      { attrs: { id: 'A\0\ud800', from: '5511988887777@s.whatsapp.net', t: '1', notify: 'An\0a\udc00\n' } },
    );
    const message = decode(row);

    // The encoder already wrote the lone surrogate as three bytes, which decode to one or more of U+FFFD.
    expect(message.text).toMatch(/^ab\ufffd+c$/);
    expect(message.pushName).toBe('Ana\ufffd');
    expect(message.messageId).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(JSON.stringify(message)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  });

  it.each<[string, Partial<InboxRow>, string]>([
    ['no id', { attrs: { from: '1@lid' } }, 'stanza_without_id'],
    ['no sender', { attrs: { id: 'A' } }, 'stanza_without_sender'],
    ['a purged body', { body: null }, 'no_body'],
    ['a body sealed for another row', { hash: 'other' }, 'sealed_body_refused'],
    ['a body that is not sealed', { body: Buffer.from('junk') }, 'sealed_body_refused'],
    ['an empty body', { body: seal(Buffer.alloc(0)) }, 'wrong_padding'],
    ['padding longer than the body', { body: seal(Buffer.from([1, 200])) }, 'wrong_padding'],
    ['a field that runs past the end', { body: seal(pad(Buffer.from('0aff01', 'hex'))) }, 'not_a_message'],
    ['a wire type that does not exist', { body: seal(pad(Buffer.from('0f', 'hex'))) }, 'not_a_message'],
    ['wrappers without end', { body: seal(pad(nested(100_000))) }, 'not_a_message'],
  ])('refuses a row with %s', (_name, overrides, reason) => {
    expect(() => decode(aRow({ conversation: 'x' }, overrides))).toThrow(
      expect.objectContaining({ message: reason }),
    );
  });

  it('gives a fixed reason for refusing random bytes, or some message, and never hangs', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const bytes = Buffer.from(
        Array.from({ length: 80 }, (_, index) => (seed * 31 + index * index * 17 + seed * index) % 256),
      );
      const outcome = attempt(() => decode(aRow({}, { body: seal(pad(bytes)) })).contentClass);
      expect(outcome).toMatch(/^[a-z_]+$/);
    }
  });
});

/** An ephemeral message in an ephemeral message and so on, as bytes: building the objects would overflow the stack here. */
function nested(depth: number): Uint8Array {
  const parts: Buffer[] = [];
  let length = 0;
  const prepend = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
  };
  for (let level = 0; level < depth; level++) {
    prepend(Buffer.concat([Buffer.from([0x0a]), varint(length)]));
    prepend(Buffer.concat([Buffer.from([0xc2, 0x02]), varint(length)]));
  }
  return Buffer.concat(parts.reverse());
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push((rest % 128) + 128);
  }
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (err) {
    return (err as Error).message;
  }
}
