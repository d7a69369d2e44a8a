import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it, vi } from 'vitest';
import { levelsOf, longVoiceSample, quietSample, VOICE_SAMPLE } from '../../test/support/voice-sample.js';
import { waveformOf } from './waveform.js';

const never = new AbortController().signal;

/** In pieces as a store gives them. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const of = (bytes: Buffer, seconds: number, size = 65_536) =>
  waveformOf('org_123', inPieces(bytes, size), seconds, never);

function expectLevels(waveform: Buffer | undefined): void {
  const { heard, expected } = levelsOf(waveform!);
  expected.forEach((level, at) => expect(Math.abs(heard[at]! - level)).toBeLessThan(15));
}

describe('the waveform of a voice note', () => {
  it.each([1, 7, 100, 65_536])('is as loud as it is, when it comes in pieces of %d bytes', async (size) => {
    const waveform = await of(VOICE_SAMPLE, 2, size);

    expect([waveform!.length, Math.max(...waveform!)]).toEqual([64, 100]);
    expectLevels(waveform);
  });

  it('is flat of silence', async () => {
    expect([...(await of(quietSample(2), 2))!]).toEqual(Array.from({ length: 64 }, () => 0));
  });

  it('has all of its values for a note of one packet', async () => {
    expect(await of(quietSample(0.02), 0.02)).toHaveLength(64);
  });

  it('is made of a note of hours in seconds, and nobody waits for it meanwhile', async () => {
    const long = await longVoiceSample(10_000);
    expect(long.length).toBeGreaterThan(14 * 1024 ** 2);
    await of(VOICE_SAMPLE, 2);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const begun = performance.now();

    const waveform = await of(long, 20_000);

    delay.disable();
    expectLevels(waveform);
    expect(performance.now() - begun).toBeLessThan(30_000);
    // Seconds, if it were made here; a loaded machine is late by some tenths of one.
    expect(delay.percentile(99) / 1e6).toBeLessThan(500);
  });

  const broken = Buffer.from(VOICE_SAMPLE);
  broken.write('Oggs', broken.lastIndexOf('OggS'));
  it.each<[string, Buffer]>([
    ['no Ogg', Buffer.from('RIFF'.padEnd(1_000))],
    ['a page that is broken', broken],
  ])('is missing for %s', async (_what, bytes) => {
    await expect(of(bytes, 2)).rejects.toThrow('not an Ogg page');
  });

  it('is made of what is there, or missing, in any state of the bytes', async () => {
    // The decoder says there what it makes of it.
    vi.spyOn(console, 'error').mockReturnValue();
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(VOICE_SAMPLE);
      for (let change = 0; change <= round % 8; change++) {
        bytes[random(bytes.length)] = random(256);
      }

      const waveform = await of(bytes.subarray(0, bytes.length - random(300)), 2).catch(() => undefined);

      expect([undefined, 64]).toContain(waveform?.length);
    }
  });

  it('is not made any more when nobody waits for it', async () => {
    const late = AbortSignal.abort(new Error('late'));

    await expect(waveformOf('org_123', inPieces(VOICE_SAMPLE, 9), 2, late)).rejects.toThrow('late');
  });
});
