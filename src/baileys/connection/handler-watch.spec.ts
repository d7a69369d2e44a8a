import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HandlerWatch } from './handler-watch.js';

let emitter: EventEmitter;
let finish: (() => void)[];
let stalled: string[];

beforeEach(() => {
  vi.useFakeTimers();
  emitter = new EventEmitter();
  finish = [];
  stalled = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function listen(watch: HandlerWatch, event: string, handle: () => unknown): void {
  const stage = watch.stage(event);
  emitter.on(event, (stanza: BinaryNode) => stage(stanza, handle));
}

/** Handlers that end when the test says so. */
function watchHandlers(): HandlerWatch {
  const handle: () => unknown = () => new Promise<void>((resolve) => finish.push(resolve));
  const watch = new HandlerWatch(60_000, (event) => stalled.push(event));
  listen(watch, 'CB:receipt', handle);
  listen(watch, 'CB:notification', handle);
  return watch;
}

describe('HandlerWatch', () => {
  it('tells of a kind of stanza of which no handler ends, whatever other kinds do', async () => {
    watchHandlers();
    emitter.emit('CB:receipt', {});
    await vi.advanceTimersByTimeAsync(40_000);
    emitter.emit('CB:notification', {});
    finish[1]!();
    await vi.advanceTimersByTimeAsync(19_000);
    expect(stalled).toEqual([]);

    await vi.advanceTimersByTimeAsync(1_000);

    expect(stalled).toEqual(['CB:receipt']);
  });

  it('is content while handlers end one after the other', async () => {
    watchHandlers();
    for (let index = 0; index < 5; index++) {
      emitter.emit('CB:receipt', {});
    }
    for (const end of finish) {
      await vi.advanceTimersByTimeAsync(50_000);
      end();
    }
    await vi.advanceTimersByTimeAsync(200_000);

    expect(stalled).toEqual([]);
  });

  it('tells of nothing after the end', async () => {
    const watch = watchHandlers();
    emitter.emit('CB:receipt', {});
    watch.end();
    await vi.advanceTimersByTimeAsync(200_000);

    expect(stalled).toEqual([]);
  });

  it('hands rejections on to the emitter', async () => {
    const rejections: unknown[] = [];
    emitter = new EventEmitter({ captureRejections: true });
    Object.assign(emitter, {
      [Symbol.for('nodejs.rejection')]: (error: unknown, event: string) => rejections.push([event, error]),
    });
    const fault = new Error('broken');
    const fail: () => unknown = () => Promise.reject(fault);
    const watch = new HandlerWatch(60_000, () => undefined);
    listen(watch, 'CB:call', fail);
    watch.end();

    emitter.emit('CB:call', {});
    await vi.advanceTimersByTimeAsync(1);

    expect(rejections).toEqual([['CB:call', fault]]);
  });
});
