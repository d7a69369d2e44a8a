import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playedFacts } from './played-facts.js';

const VOICE = 'audio/ogg; codecs=opus';

/** A page of an Ogg stream, as far as it is looked at. */
function page(granule: number, content: Buffer): Buffer {
  const head = Buffer.from('OggS'.padEnd(27, '\0') + '\xff', 'latin1');
  head.writeBigInt64LE(BigInt(granule), 6);
  head[26] = 1;
  return Buffer.concat([head, content]);
}

function voiceNote(seconds: number): Buffer {
  const preSkip = 312;
  const head = Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  return Buffer.concat([
    page(0, head),
    page(0, Buffer.from('OpusTags')),
    page(48_000, Buffer.alloc(5_000)),
    page(preSkip + Math.round(seconds * 48_000), Buffer.alloc(200)),
    page(-1, Buffer.alloc(10)),
  ]);
}

function box(name: string, ...content: Buffer[]): Buffer {
  const inside = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(inside.length + 8);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, inside]);
}

/** @param at offset and value of 32 bits each */
function numbers(length: number, at: Record<number, number>): Buffer {
  const bytes = Buffer.alloc(length);
  Object.entries(at).forEach(([offset, value]) => bytes.writeUInt32BE(value >>> 0, Number(offset)));
  return bytes;
}

const mvhd = (seconds: number) => box('mvhd', numbers(100, { 12: 1_000, 16: seconds * 1_000 }));
const tkhd = (width: number, height: number, isTurned = false) =>
  box(
    'tkhd',
    numbers(84, {
      [isTurned ? 44 : 40]: 65_536,
      76: width * 65_536,
      80: height * 65_536,
      56: isTurned ? 0 : 65_536,
    }),
  );
const mdat = box('mdat', Buffer.alloc(5_000));

describe('what the container of a file says', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'auzap-played-'))));
  afterAll(() => rm(folder, { recursive: true }));

  async function factsOf(bytes: Buffer, mimeType: string) {
    const path = join(folder, 'file');
    await writeFile(path, bytes);
    return playedFacts(path, mimeType);
  }

  it.each([0.02, 3, 75.5, 3_600])('of a voice note of %d s', async (seconds) => {
    expect((await factsOf(voiceNote(seconds), VOICE)).seconds).toBeCloseTo(seconds, 2);
  });

  it.each<[string, Buffer[], object]>([
    [
      'a video',
      [mdat, box('moov', mvhd(12.5), box('trak', tkhd(0, 0)), box('trak', tkhd(640, 360)))],
      { seconds: 12.5, width: 640, height: 360 },
    ],
    [
      'one that is turned',
      [box('moov', mvhd(1), box('trak', tkhd(640, 360, true))), mdat],
      { seconds: 1, width: 360, height: 640 },
    ],
    [
      'two videos in one',
      [box('moov', box('trak', tkhd(8, 6)), box('trak', tkhd(80, 60)), mvhd(2))],
      { seconds: 2, width: 8, height: 6 },
    ],
    ['one whose index is missing', [mdat], {}],
  ])('of %s', async (_what, boxes, facts) => {
    expect(await factsOf(Buffer.concat(boxes), 'video/mp4')).toEqual({ seconds: undefined, ...facts });
  });

  const voice = voiceNote(3);
  const video = Buffer.concat([box('moov', mvhd(1), box('trak', tkhd(4, 4))), mdat]);
  const endless = Buffer.concat(Array.from({ length: 3_000 }, () => box('free')));
  it.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), VOICE],
    ['a voice note without sound', voiceNote(3).subarray(0, 80), VOICE],
    ['no Opus', Buffer.from('OggS'), VOICE],
    ['an empty video', Buffer.alloc(0), 'video/mp4'],
    ['boxes without end', endless, 'video/mp4'],
    ['a box of no length', Buffer.concat([numbers(16, { 0: 1 }), video]), 'video/mp4'],
    ['an index that is cut', video.subarray(0, 30), 'video/mp4'],
    ['no sound', Buffer.from('no sound'), 'audio/mpeg'],
    ['a picture', Buffer.from('picture'), 'image/png'],
  ])('is nothing of %s', async (_what, bytes, mimeType) => {
    expect((await factsOf(bytes, mimeType)).seconds).toBeUndefined();
  });

  it('is read in any state of its bytes', async () => {
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 300; round++) {
      const [original, mimeType] = round % 2 === 0 ? [voice, VOICE] : [video, 'video/mp4'];
      const bytes = Buffer.from(original);
      for (let change = 0; change <= round % 8; change++) {
        bytes[random(Math.min(bytes.length, 400))] = random(256);
      }

      const { seconds = 0 } = await factsOf(bytes.subarray(0, bytes.length - random(300)), mimeType);
      expect(seconds).toBeGreaterThanOrEqual(0);
    }
  });
});
