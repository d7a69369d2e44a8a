import { setImmediate as turn } from 'node:timers/promises';
import { CachedPromise } from '../common/cached-promise.js';
import { FairSemaphore } from '../common/fair-semaphore.js';
import { oggPackets } from './ogg-packets.js';

/** As many as phones draw, each from 0 to 100. */
const BARS = 64;
const LOUDEST = 100;
/** What is quieter than this is silence, however quiet all the rest is; 1 is as loud as it gets. */
const SILENCE = 0.005;
/** Of each bar its beginning is listened to, in ms: so a long note takes no longer than one of three minutes. */
const HEARD_OF_A_BAR_MS = 2_800;
/** How long it works until others have their turn, in ms. */
const TURN_MS = 5;
const SAMPLE_RATE = 8_000;
/** Header and tags. */
const HEAD_PACKETS = 2;
/** More than the decoder takes at once; no microphone needs so much. */
const MAX_PACKET_BYTES = 3_840;
/** What a packet of Opus may last, in ms. */
const MAX_PACKET_MS = 120;

const decoderLibrary = new CachedPromise(() => import('opus-decoder'));
/** Organizations take turns, and no slow store holds all of them up. */
const listening = new FairSemaphore(4, 2);

/**
 * How loud a voice note is from its beginning to its end, relative to its loudest part.
 * @param organizationId whose it is
 * @param source Opus in Ogg, of any length
 * @param seconds how long it lasts
 * @param signal ends it
 * @returns 64 values from 0 to 100; undefined for what can't be decoded
 * @throws what reading throws, or the signal's reason
 */
export function waveformOf(
  organizationId: string,
  source: AsyncIterable<Uint8Array>,
  seconds: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  return listening.run(organizationId, () => listen(source, seconds * 1_000, signal), signal);
}

async function listen(
  source: AsyncIterable<Uint8Array>,
  lengthMs: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const { OpusDecoder } = await decoderLibrary.get();
  // In one channel: where there are two, they are mixed.
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE, channels: 1 });
  await decoder.ready;
  const bars = new Bars(lengthMs);
  try {
    let [packets, atMs, turnAt] = [0, 0, performance.now()];
    for await (const page of oggPackets(source, MAX_PACKET_BYTES)) {
      for (const packet of page) {
        packets += 1;
        const packetMs = packets > HEAD_PACKETS ? packetLength(packet) : 0;
        if (packetMs > MAX_PACKET_MS) {
          return undefined;
        }
        if (packetMs > 0 && packet.length <= MAX_PACKET_BYTES && !bars.isHeard(atMs)) {
          const { channelData, errors } = decoder.decodeFrame(packet);
          if (errors.length > 0) {
            return undefined;
          }
          bars.add(atMs, channelData[0]!);
        }
        atMs += packetMs;
        if (performance.now() - turnAt >= TURN_MS) {
          await turn(undefined, { signal });
          turnAt = performance.now();
        }
      }
    }
    return bars.heights();
  } finally {
    decoder.free();
  }
}

/** @returns how long a packet of Opus lasts, in ms (RFC 6716, 3.1) */
function packetLength([toc, count = 0]: Buffer): number {
  if (toc === undefined) {
    return 0;
  }
  const [mode, code] = [toc >> 3, toc & 3];
  const frames = code === 0 ? 1 : code < 3 ? 2 : count & 63;
  const frameMs =
    mode < 12 ? [10, 20, 40, 60][mode & 3]! : mode < 16 ? [10, 20][mode & 1]! : [2.5, 5, 10, 20][mode & 3]!;
  return frames * frameMs;
}

class Bars {
  private readonly sums = new Float64Array(BARS);
  private readonly counts = new Uint32Array(BARS);

  constructor(private readonly lengthMs: number) {}

  isHeard(atMs: number): boolean {
    const bar = this.barAt(atMs);
    return bar >= BARS || (this.counts[bar]! * 1_000) / SAMPLE_RATE >= HEARD_OF_A_BAR_MS;
  }

  add(atMs: number, samples: Float32Array): void {
    samples.forEach((sample, index) => {
      const bar = this.barAt(atMs + (index * 1_000) / SAMPLE_RATE);
      if (bar < BARS) {
        this.sums[bar]! += Math.abs(sample);
        this.counts[bar]! += 1;
      }
    });
  }

  heights(): Buffer {
    const levels = [...this.sums].map((sum, bar) => sum / Math.max(this.counts[bar]!, 1));
    const loudest = Math.max(SILENCE, ...levels);
    return Buffer.from(levels.map((level) => Math.round((level / loudest) * LOUDEST)));
  }

  private barAt(ms: number): number {
    return Math.floor((ms / this.lengthMs) * BARS);
  }
}
