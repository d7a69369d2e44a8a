import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import sharp from 'sharp';
import type { WantedFile } from '../../src/media/media-download.js';
import {
  SAMPLE_ANIMATED_WEBP,
  SAMPLE_JPEG,
  SAMPLE_PDF,
  SAMPLE_WEBP,
  voiceNote,
} from '../../src/simulator/media-host/samples.js';
import type { Random } from '../chaos/random.js';
import { pngOfSize, webpOfSize } from '../support/huge-pictures.js';

const LABELS = {
  image: 'WhatsApp Image Keys',
  sticker: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  voice: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
} as const;
const KINDS = Object.keys(LABELS) as (keyof typeof LABELS)[];

/** How a media host answers: what it says of the length, what it sends, and whether it closes the line in the middle. */
export interface HostileAnswer {
  status: number;
  bytes: Buffer;
  announced?: number;
  isCut: boolean;
}

/** A file of a stranger, as the message names it and as the host has it. */
export interface HostileMedia {
  plain: Buffer;
  wanted: WantedFile;
  answer: HostileAnswer;
  /** Nothing of it is wrong on its way: it has to be stored, whatever is in it. */
  isWhole: boolean;
  fileName: string;
  poster: Buffer | undefined;
}

/** Files that are what they say, and files that are made to hurt whoever opens them. */
export async function hostileFiles(): Promise<Buffer[]> {
  const noise = { create: { width: 60, height: 40, channels: 3, background: '#836' } } as const;
  const [png, gif, avif, solid] = await Promise.all([
    sharp(noise).png().toBuffer(),
    sharp(noise).gif().toBuffer(),
    sharp(noise).avif({ effort: 0 }).toBuffer(),
    sharp(noise).webp({ lossless: true }).toBuffer(),
  ]);
  const text = (value: string) => Buffer.from(value, 'latin1');
  const html = '<!doctype html><script>alert(1)</script>';
  return [
    SAMPLE_JPEG,
    SAMPLE_WEBP,
    SAMPLE_ANIMATED_WEBP,
    png,
    gif,
    avif,
    solid,
    SAMPLE_PDF,
    voiceNote(3),
    mp4(2, 64, 48),
    mp4(0xffffffff, 0xffff, 0xffff),
    // Pictures that say they are larger than any memory, and some that are.
    pngOfSize(50_000, 50_000, Buffer.alloc(6_251)),
    pngOfSize(12_000, 12_000, Buffer.alloc(1_501 * 12_000)),
    pngOfSize(0x7fffffff, 0x7fffffff, Buffer.alloc(1)),
    webpOfSize(solid, 16_383),
    manyFrames(3_000),
    // What runs where it is taken for a picture.
    text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    text(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'b'.repeat(1_000)}">]><svg>&a;&a;</svg>`),
    text(html),
    text(`GIF89a=0/*${html}*/`),
    Buffer.concat([SAMPLE_JPEG, text(html)]),
    Buffer.concat([text('%!PS-Adobe-3.0\n'), text('(a) run '.repeat(100))]),
    text('#!/bin/sh\nrm -rf /\n'),
    text('MZ\x90\x00'),
    text('\x7fELF\x02\x01\x01'),
    // What begins like a container and does not go on like one.
    text('PK\x03\x04\x14\x00\x08\x00\x08\x00' + '\xff'.repeat(20) + '[Content_Types].xml'),
    text('PK\x05\x06'),
    text('\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c' + '\x00'.repeat(64)),
    text('\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff' + '\x42\x82\x84webm'),
    text('RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff'),
    text('RIFF\x10\x00\x00\x00WEBPVP8 \xff\xff\xff\xff'),
    text('fLaC\x00\xff\xff\xff' + '\xff'.repeat(40)),
    text('FORM\x00\x00\x00\x00AIFFSSND\xff\xff\xff\xff'),
    text('ID3\x04\x00\x00\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f'),
    text('\xff\xfb\x90\x00'.repeat(400)),
    text('#!AMR\n' + '\x3c'.repeat(100)),
    text('OggS\x00\x02' + '\xff'.repeat(100)),
    Buffer.alloc(0),
    Buffer.alloc(1),
    Buffer.alloc(70_000, 0xff),
  ];
}

/** @returns one of the files, with itself, its way or its message spoiled, or with nothing spoiled at all */
export function hostileMedia(files: readonly Buffer[], random: Random): HostileMedia {
  const kind = random.pick(KINDS);
  const plain = spoilt(random.pick(files), random);
  const mediaKey = Buffer.from(Array.from({ length: 32 }, () => random.integer(0, 255)));
  const bytes = sealed(plain, mediaKey, LABELS[kind]);
  const media: HostileMedia = {
    plain,
    wanted: {
      kind,
      mediaKey,
      directPath: '/v/file',
      size: plain.length,
      sha256: sha256(plain),
      encSha256: sha256(bytes),
    },
    answer: { status: 200, bytes, announced: bytes.length, isCut: false },
    isWhole: true,
    fileName: fileName(random),
    poster: random.chance(0.3) ? spoilt(random.pick(files), random) : undefined,
  };
  if (random.chance(0.6)) {
    spoilWay(media, random);
  }
  return media;
}

function spoilWay(media: HostileMedia, random: Random): void {
  const { wanted, answer } = media;
  const { bytes } = answer;
  const cut = bytes.subarray(0, random.integer(0, bytes.length - 1));
  const lie = random.pick([0, 1, 2 ** 31, 2 ** 53, -1, Number.NaN]);
  media.isWhole = false;
  const ways: readonly (() => unknown)[] = [
    () => Object.assign(answer, { bytes: cut, announced: cut.length }),
    () => Object.assign(answer, { bytes: cut, isCut: true }),
    () => Object.assign(answer, { bytes: Buffer.concat([bytes, bytes]), announced: undefined }),
    () => Object.assign(answer, { bytes: flipped(bytes, random, bytes.length - 10) }),
    () => Object.assign(answer, { bytes: flipped(bytes, random, 0) }),
    () => Object.assign(answer, { announced: random.integer(2 ** 31, 2 ** 40), isCut: true }),
    () => Object.assign(answer, { status: random.pick([204, 206, 301, 403, 404, 410, 416, 429, 500, 599]) }),
    () => Object.assign(wanted, { sha256: sha256(bytes) }),
    () => Object.assign(wanted, { encSha256: Buffer.alloc(random.integer(0, 40)) }),
    () => Object.assign(wanted, { mediaKey: Buffer.alloc(random.pick([0, 31, 33, 32])) }),
    () => Object.assign(wanted, { size: lie === 0 || lie === 1 ? 2 ** 53 : 2 ** 31 }),
    () => Object.assign(wanted, { kind: 'nothing' }),
    () =>
      Object.assign(wanted, {
        directPath: random.pick(['//a.example/x', '/\\a.example', 'http://a.example', '\0']),
      }),
  ];
  random.pick(ways)();
}

function spoilt(file: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(file);
  if (bytes.length > 0 && random.chance(0.6)) {
    for (let times = random.integer(1, 12); times > 0; times--) {
      bytes[random.integer(0, Math.min(bytes.length, 600) - 1)] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
    }
  }
  return random.chance(0.2) ? bytes.subarray(0, random.integer(0, bytes.length)) : bytes;
}

function flipped(bytes: Buffer, random: Random, from: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[random.integer(Math.max(from, 0), changed.length - 1)]! ^= 1 << random.integer(0, 7);
  return changed;
}

function fileName(random: Random): string {
  return random.pick([
    'a.jpg',
    '../../etc/passwd',
    'C:\\windows\\system32\\con',
    '\0\r\nX-Evil: 1\u001b[2J',
    `${'n'.repeat(4_000)}.pdf`,
    `${'😀'.repeat(2_000)}.html`,
    '\u202egpj.exe',
    'a"; filename="b.html',
    'e\u0301\u0489'.repeat(1_000),
    '\ud800',
    '....',
    '',
  ]);
}

/** As phones seal files. */
function sealed(plain: Buffer, key: Buffer, label: string): Buffer {
  const keys = Buffer.from(hkdfSync('sha256', key, '', label, 112));
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(16, 48), keys.subarray(0, 16));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  const mac = createHmac('sha256', keys.subarray(48, 80)).update(keys.subarray(0, 16)).update(text).digest();
  return Buffer.concat([text, mac.subarray(0, 10)]);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function manyFrames(count: number): Buffer {
  const first = SAMPLE_ANIMATED_WEBP.indexOf('ANMF');
  const frame = SAMPLE_ANIMATED_WEBP.subarray(first, SAMPLE_ANIMATED_WEBP.indexOf('ANMF', first + 4));
  const bytes = Buffer.concat([SAMPLE_ANIMATED_WEBP, ...Array.from({ length: count }, () => frame)]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

function mp4(seconds: number, width: number, height: number): Buffer {
  const box = (name: string, ...content: Buffer[]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + Buffer.concat(content).length);
    head.write(name, 4, 'latin1');
    return Buffer.concat([head, ...content]);
  };
  const mvhd = Buffer.alloc(100);
  mvhd.writeUInt32BE(1, 12);
  mvhd.writeUInt32BE(seconds, 16);
  const tkhd = Buffer.alloc(84);
  tkhd.writeUInt32BE(width * 65_536, 76);
  tkhd.writeUInt32BE(height * 65_536, 80);
  const type = box('ftyp', Buffer.from('isom\x00\x00\x02\x00isomiso2avc1mp41', 'latin1'));
  return Buffer.concat([
    type,
    box('moov', box('mvhd', mvhd), box('trak', box('tkhd', tkhd))),
    box('mdat', Buffer.alloc(900)),
  ]);
}
