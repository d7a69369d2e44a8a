import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { readWhisperMessage } from './whisper-message.js';

interface Codec {
  create(fields: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
}

/** libsignal's own, which it has no types for. */
const { WhisperMessage } = createRequire(import.meta.url)('libsignal/src/protobufs.js') as {
  WhisperMessage: Codec;
};
const KEY = Buffer.alloc(33, 5);
const MAC = Buffer.from('12345678');
const FIELDS = { ephemeralKey: KEY, counter: 300, previousCounter: 7, ciphertext: Buffer.alloc(32, 9) };

/** As libsignal writes it. */
function written(fields: object, version = 0x33): Buffer {
  const body = WhisperMessage.encode(WhisperMessage.create({ ...FIELDS, ...fields })).finish();
  return Buffer.concat([Buffer.from([version]), body, MAC]);
}

const body = (...parts: (number | Buffer)[]) =>
  Buffer.concat([
    Buffer.from([0x33]),
    ...parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from([part]))),
    MAC,
  ]);
const key = Buffer.concat([Buffer.from([0x0a, 33]), KEY]);
const content = Buffer.concat([Buffer.from([0x22, 16]), Buffer.alloc(16, 9)]);

describe('readWhisperMessage', () => {
  it.each([0, 1, 127, 128, 300, 2 ** 28 - 1])('reads what libsignal writes, counter %i', (counter) => {
    const bytes = written({ counter });

    expect(readWhisperMessage(bytes)).toEqual({
      ephemeralKey: KEY,
      counter,
      previousCounter: 7,
      body: FIELDS.ciphertext,
      signed: bytes.subarray(1, -8),
      mac: MAC,
    });
    expect(WhisperMessage.decode(bytes.subarray(1, -8))).toMatchObject({ ...FIELDS, counter });
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a signature alone', MAC],
    ['another version', written({}, 0x43)],
    ['an older version', written({}, 0x32)],
    ['a key of another length', written({ ephemeralKey: Buffer.alloc(32) })],
    ['no content', written({ ciphertext: Buffer.alloc(0) })],
    ['content that is no whole number of blocks', written({ ciphertext: Buffer.alloc(17) })],
    ['a counter of more than 28 bits', written({ counter: 2 ** 28 })],
    ['a counter that is written longer than it has to be', body(key, 0x10, 0x80, 0x00, 0x18, 0, content)],
    ['no counter', body(key, 0x18, 0, content)],
    ['no previous counter', body(key, 0x10, 0, content)],
    ['fields in another order', body(0x10, 0, key, 0x18, 0, content)],
    ['a field twice', body(key, 0x10, 0, 0x10, 1, 0x18, 0, content)],
    ['a field more', body(key, 0x10, 0, 0x18, 0, content, 0x28, 1)],
    ['a field less far than it says', body(key, 0x10, 0, 0x18, 0, 0x22, 32, Buffer.alloc(16))],
  ])('leaves %s to libsignal', (_name, bytes) => {
    expect(readWhisperMessage(bytes)).toBeUndefined();
  });
});
