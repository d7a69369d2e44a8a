import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { beginning, withStallLimit } from './stall-limit.js';

const asFault = (error: unknown) => new Error(`fault: ${(error as Error).message}`);

describe('withStallLimit', () => {
  it('gives the bytes as they are', async () => {
    const pieces = [Buffer.from('one '), Buffer.from('two '), Buffer.from('three')];

    expect(await buffer(withStallLimit(Readable.from(pieces), 1_000, asFault))).toEqual(
      Buffer.concat(pieces),
    );
  });

  it('ends a body of which nothing more comes', async () => {
    const body = new PassThrough();
    body.write('half');

    await expect(buffer(withStallLimit(body, 20, asFault))).rejects.toThrow('fault: nothing came for 20 ms');
    expect(body.destroyed).toBe(true);
  });

  it('does not count who reads slowly', async () => {
    vi.useFakeTimers();
    try {
      const watched = withStallLimit(Readable.from([Buffer.from('a'), Buffer.from('b')]), 20, asFault);
      const pieces = watched[Symbol.asyncIterator]();
      expect(await pieces.next()).toMatchObject({ value: Buffer.from('a') });
      await vi.advanceTimersByTimeAsync(10_000);

      expect(await pieces.next()).toMatchObject({ value: Buffer.from('b') });
      expect(await pieces.next()).toMatchObject({ done: true });
    } finally {
      vi.useRealTimers();
    }
  });

  it('says in its own words what the body throws', async () => {
    const body = new PassThrough();
    const reading = buffer(withStallLimit(body, 1_000, asFault));
    body.destroy(new Error('reset'));

    await expect(reading).rejects.toThrow('fault: reset');
  });

  it('ends the body with itself, at once', async () => {
    const body = new PassThrough();
    const watched = withStallLimit(body, 60_000, asFault);
    watched.resume();
    watched.destroy();

    await expect.poll(() => body.destroyed).toBe(true);
  });
});

describe('beginning', () => {
  it('gives what came in time, and ends nothing afterwards', async () => {
    const signal = await beginning(5, (given) => Promise.resolve(given));

    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(signal.aborted).toBe(false);
  });

  it('ends what does not begin', async () => {
    const never = beginning(
      5,
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );

    await expect(never).rejects.toThrow('no answer came within 5 ms');
  });
});
