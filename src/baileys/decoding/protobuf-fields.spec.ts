import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { bytesFields } from './protobuf-fields.js';

const HISTORY = proto.HistorySync.encode({
  syncType: proto.HistorySync.HistorySyncType.RECENT,
  conversations: [{ id: 'a@lid' }, { id: `${'b'.repeat(3_000)}@lid` }],
  progress: 80,
  threadDsTimeframeOffset: 4_000_000_000,
}).finish();

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

async function read(bytes: Uint8Array, size = 64, maxFieldBytes = 10_000) {
  const fields = [];
  for await (const { number, bytes: value } of bytesFields(inPieces(bytes, size), maxFieldBytes)) {
    fields.push([number, proto.Conversation.decode(value).id]);
  }
  return fields;
}

describe('bytesFields', () => {
  it.each([1, 2, 7, 1_000, 100_000])('reads a message that comes in pieces of %i bytes', async (size) => {
    expect(await read(HISTORY, size)).toEqual([
      [2, 'a@lid'],
      [2, `${'b'.repeat(3_000)}@lid`],
    ]);
  });

  it('holds no field that is too large', async () => {
    await expect(read(HISTORY, 64, 2_000)).rejects.toThrow('field_too_large');
  });

  it.each<[string, Uint8Array]>([
    ['ends within a field', HISTORY.subarray(0, 20)],
    ['has groups', Uint8Array.of(0x0b, 0x0c)],
    ['has a number without an end', new Uint8Array(11).fill(0x80)],
    ['claims more than comes', Uint8Array.of(0x12, 0x7f, 1)],
  ])('refuses what %s', async (_what, bytes) => {
    await expect(read(bytes)).rejects.toThrow('not_protobuf');
  });

  it('finds nothing in nothing', async () => {
    expect(await read(new Uint8Array())).toEqual([]);
  });
});
