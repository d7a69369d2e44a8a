import { describe, expect, it } from 'vitest';
import { addressingOf, formatAddress, parseAddress, userAddress } from './address.js';
import { generateKeyPair, keyPairFromSeed, sign, verify } from './keys.js';
import { decodeMessage, encodeMessage, textOf } from './message-codec.js';
import { decodeNode } from './node.js';
import { numberVariants } from '../server/iq/usync-iq.js';
import { parseQr } from '../server/pairing/pairing-qr.js';
import { normalizeCode } from '../server/pairing/pairing-code.js';

describe('addresses', () => {
  it.each([
    ['5511999887766@s.whatsapp.net', { user: '5511999887766', server: 's.whatsapp.net', device: 0 }],
    ['123:7@lid', { user: '123', server: 'lid', device: 7 }],
    ['@s.whatsapp.net', { user: '', server: 's.whatsapp.net', device: 0 }],
    ['nobody', undefined],
    ['1:x@lid', undefined],
    [undefined, undefined],
  ])('parses %s', (jid, address) => {
    expect(parseAddress(jid)).toEqual(address);
  });

  it('formats, and drops devices', () => {
    expect(formatAddress('12', 'lid', 3)).toBe('12:3@lid');
    expect(formatAddress('12', 'pn')).toBe('12@s.whatsapp.net');
    expect(userAddress('12:3@lid')).toBe('12@lid');
    expect(addressingOf('12:3@lid')).toBe('lid');
  });
});

describe('keys', () => {
  it('verify strictly', () => {
    const pair = generateKeyPair();
    const message = Buffer.from('hello');
    const signature = sign(pair.private, message);

    expect(verify(pair.public, message, signature)).toBe(true);
    expect(verify(pair.public, Buffer.from('hallo'), signature)).toBe(false);
    expect(verify(generateKeyPair().public, message, signature)).toBe(false);
    expect(verify(pair.public, message, Buffer.alloc(64))).toBe(false);
    expect(verify(pair.public, message, Buffer.alloc(3))).toBe(false);
  });

  it('repeat under a seed, and differ by label', () => {
    expect(keyPairFromSeed('s', 'a')).toEqual(keyPairFromSeed('s', 'a'));
    expect(keyPairFromSeed('s', 'a').public).not.toEqual(keyPairFromSeed('s', 'b').public);
    const pair = keyPairFromSeed('s', 'a');
    expect(verify(pair.public, Buffer.from('x'), sign(pair.private, Buffer.from('x')))).toBe(true);
  });
});

describe('messages', () => {
  it('survive padding', () => {
    for (let i = 0; i < 40; i++) {
      expect(decodeMessage(encodeMessage({ conversation: 'x'.repeat(i) })).conversation ?? '').toBe(
        'x'.repeat(i),
      );
    }
  });

  it.each([[Buffer.alloc(0)], [Buffer.from([0])], [Buffer.from([1, 9])]])('refuse bad padding', (bytes) => {
    expect(() => decodeMessage(bytes)).toThrow('bad message padding');
  });

  it.each([
    [{ conversation: 'a' }, 'a'],
    [{ extendedTextMessage: { text: 'b' } }, 'b'],
    [{ deviceSentMessage: { message: { conversation: 'c' } } }, 'c'],
    [{ imageMessage: { caption: 'd' } }, 'd'],
    [{ protocolMessage: { editedMessage: { conversation: 'e' } } }, 'e'],
    [{ stickerMessage: {} }, ''],
    [undefined, ''],
  ])('show their text', (message, text) => {
    expect(textOf(message)).toBe(text);
  });
});

describe('input of clients and people', () => {
  it.each([[Buffer.alloc(0)], [Buffer.from([2, 1, 2])], [Buffer.from([0, 248, 255])]])(
    'refuses bad stanzas',
    (bytes) => {
      expect(() => decodeNode(bytes)).toThrow(Error);
    },
  );

  it('knows Brazilian numbers with and without the ninth digit', () => {
    expect(numberVariants('5511988887777')).toEqual(['5511988887777', '551188887777']);
    expect(numberVariants('551188887777')).toEqual(['551188887777', '5511988887777']);
    expect(numberVariants('15551234567')).toEqual(['15551234567']);
  });

  it('reads QR codes in both forms', () => {
    const key = Buffer.alloc(32, 1).toString('base64');
    const body = `2@ref,${key},${key},${key}`;
    expect(parseQr(`https://wa.me/settings/linked_devices#${body},1`).ref).toBe('2@ref');
    expect(parseQr(body).advSecret).toEqual(Buffer.alloc(32, 1));
    expect(() => parseQr(`2@ref,${key},${key}`)).toThrow('no WhatsApp pairing code');
  });

  it('reads codes as people type them', () => {
    expect(normalizeCode(' abcd-1234 ')).toBe('ABCD1234');
  });
});
