import { describe, expect, it } from 'vitest';
import { FrameReader, ProtocolViolation, frame } from './frame-reader.js';

const INTRO = Buffer.from([0x57, 0x41, 6, 3]);
const ROUTING = Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, 3, 7, 8, 9])]);
const payloads = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 7)];
const stream = (...prefix: Buffer[]): Buffer => Buffer.concat([...prefix, ...payloads.map(frame)]);

describe('FrameReader', () => {
  it.each([
    ['plain', stream(INTRO)],
    ['after a routing prefix', stream(ROUTING, INTRO)],
    [
      'after an empty routing prefix',
      stream(Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, 0])]), INTRO),
    ],
  ])('finds the frames however the stream is cut: %s', (_, bytes) => {
    for (const size of [1, 2, 3, 5, 64, bytes.length]) {
      const reader = new FrameReader(1000);
      const found: Buffer[] = [];
      for (let i = 0; i < bytes.length; i += size) {
        found.push(...reader.push(bytes.subarray(i, i + size)));
      }
      expect(found).toEqual(payloads);
    }
  });

  it.each([
    ['a foreign intro', Buffer.from('HTTP')],
    ['a frame above the limit', Buffer.concat([INTRO, Buffer.from([0, 4, 0])])],
    [
      'a routing prefix above the limit',
      Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0xff, 0xff, 0xff])]),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(() => new FrameReader(1000).push(bytes)).toThrow(ProtocolViolation);
  });
});
