import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it, vi } from 'vitest';
import { StallTimer } from './stall-timer.js';
import { StanzaQueue } from './stanza-queue.js';

function stanza(id: string, attrs: Record<string, string> = {}): BinaryNode {
  return { tag: 'message', attrs: { id, ...attrs }, content: [] };
}

/** Stanzas whose handling ends when the test says so. */
function setUp() {
  const emitter = new EventEmitter();
  const begun: BinaryNode[] = [];
  const finish: (() => void)[] = [];
  const handle: (node: BinaryNode) => unknown = (node) => {
    begun.push(node);
    const { promise, resolve } = Promise.withResolvers<void>();
    finish.push(resolve);
    return promise;
  };
  const line = { pause: vi.fn<() => void>(), resume: vi.fn<() => void>() };
  const onError = vi.fn<(error: unknown) => void>();
  const stall = { progress: vi.fn<() => void>(), end: vi.fn<() => void>() };
  const turns = new StanzaQueue(line, onError, stall);
  emitter.on('CB:message', (node: BinaryNode) => turns.take(node, handle));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { emitter, begun, finish, line, onError, turns, settle };
}

describe('StanzaQueue', () => {
  it('begins a stanza only when the one before it is done', async () => {
    const { emitter, begun, finish, settle } = setUp();
    emitter.emit('CB:message', stanza('1'));
    emitter.emit('CB:message', stanza('2'));
    await settle();
    expect(begun.map((node) => node.attrs['id'])).toEqual(['1']);

    finish[0]!();
    await settle();
    expect(begun.map((node) => node.attrs['id'])).toEqual(['1', '2']);
  });

  it('takes the offline mark off and leaves the content as it is', async () => {
    const { emitter, begun, settle } = setUp();
    const offline = stanza('1', { offline: '3' });
    emitter.emit('CB:message', offline);
    await settle();
    expect(begun[0]!.attrs).toEqual({ id: '1' });
    expect(begun[0]!.content).toBe(offline.content);
  });

  it('goes on after a handler that failed', async () => {
    const emitter = new EventEmitter();
    const handled: string[] = [];
    const handle = (node: BinaryNode) => {
      handled.push(node.attrs['id']!);
      throw new Error('broken stanza');
    };
    const onError = vi.fn<(error: unknown) => void>();
    const line = { pause: () => undefined, resume: () => undefined };
    const stall = { progress: () => undefined, end: () => undefined };
    const turns = new StanzaQueue(line, onError, stall);
    emitter.on('CB:message', (node: BinaryNode) => turns.take(node, handle));
    emitter.emit('CB:message', stanza('1'));
    emitter.emit('CB:message', stanza('2'));
    await expect.poll(() => handled).toEqual(['1', '2']);
    expect(onError).toHaveBeenCalledTimes(2);
    expect(turns.waitingCount).toBe(0);
  });

  it('lets the event loop turn while many wait, however fast they are handled', async () => {
    const emitter = new EventEmitter();
    // Slices are shared: one that the test before began may still be open.
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    let handled = 0;
    const handle: () => unknown = () => {
      handled += 1;
      now += 1;
      return Promise.resolve();
    };
    const line = { pause: () => undefined, resume: () => undefined };
    const stall = { progress: () => undefined, end: () => undefined };
    const turns = new StanzaQueue(line, () => undefined, stall);
    emitter.on('CB:message', (node: BinaryNode) => turns.take(node, handle));
    for (let index = 0; index < 100; index += 1) {
      emitter.emit('CB:message', stanza(String(index)));
    }
    let loopTurns = 0;
    while (turns.waitingCount > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      loopTurns += 1;
    }
    clock.mockRestore();
    expect(handled).toBe(100);
    expect(loopTurns).toBeGreaterThan(10);
  });

  it('pauses the line while too many wait, and resumes it', async () => {
    const { emitter, finish, line, turns, settle } = setUp();
    for (let index = 0; index <= 52; index += 1) {
      emitter.emit('CB:message', stanza(String(index), { from: `${index}@lid` }));
    }
    expect(line.pause).toHaveBeenCalledTimes(1);
    while (turns.waitingCount > 19) {
      expect(line.resume).not.toHaveBeenCalled();
      finish.pop()!();
      await settle();
    }
    finish.pop()!();
    await settle();
    expect(line.resume).toHaveBeenCalledTimes(1);
  });

  it('gives each chat its turn, whichever device and address its messages come from', async () => {
    const { emitter, begun, finish, settle } = setUp();
    const of = (id: string, attrs: Record<string, string>) => emitter.emit('CB:message', stanza(id, attrs));
    of('mallory 1', { from: '7@lid', sender_pn: '55@s.whatsapp.net' });
    of('mallory 2', { from: '7:3@lid' });
    of('mallory 3', { from: '55:4@s.whatsapp.net' });
    of('to mallory', { from: '1@s.whatsapp.net', recipient: '7@lid' });
    of('ana 1', { from: '8@lid' });
    of('bob 1', { from: '9@lid' });
    of('ana 2', { from: '8@lid' });
    for (let index = 0; index < 7; index += 1) {
      await settle();
      finish[index]!();
    }

    expect(begun.map((node) => node.attrs['id'])).toEqual([
      'mallory 1',
      'mallory 2',
      'ana 1',
      'bob 1',
      'mallory 3',
      'ana 2',
      'to mallory',
    ]);
  });

  it('reads on while one chat floods it, up to a bound in bytes', () => {
    const { emitter, line, turns } = setUp();
    const flood = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        emitter.emit('CB:message', stanza(String(index), { from: `7:${index % 9}@lid` }));
      }
    };
    flood(2_000);
    expect(line.pause).not.toHaveBeenCalled();

    flood(10_000);
    expect(line.pause).toHaveBeenCalledTimes(1);
    turns.end();
  });

  it('forgets what waits when the connection is over', async () => {
    const { emitter, begun, finish, turns, settle } = setUp();
    emitter.emit('CB:message', stanza('1'));
    emitter.emit('CB:message', stanza('2'));
    turns.end();
    finish[0]!();
    emitter.emit('CB:message', stanza('3'));
    await settle();
    expect(begun).toHaveLength(1);
  });

  it('trips when a stanza is not handled to its end, and not while one after the other is', async () => {
    vi.useFakeTimers();
    const onStall = vi.fn<() => void>();
    const emitter = new EventEmitter();
    const finish: (() => void)[] = [];
    const handle: () => unknown = () => new Promise<void>((resolve) => finish.push(resolve));
    const line = { pause: () => undefined, resume: () => undefined };
    const turns = new StanzaQueue(line, () => undefined, new StallTimer(60_000, onStall));
    emitter.on('CB:message', (node: BinaryNode) => turns.take(node, handle));
    ['1', '2', '3'].forEach((id) => emitter.emit('CB:message', stanza(id)));
    for (const index of [0, 1]) {
      await vi.advanceTimersByTimeAsync(50_000);
      finish[index]!();
    }
    await vi.advanceTimersByTimeAsync(59_000);
    const before = onStall.mock.calls.length;
    await vi.advanceTimersByTimeAsync(1_000);
    const after = onStall.mock.calls.length;
    finish[2]!();
    await vi.advanceTimersByTimeAsync(600_000);
    turns.end();
    vi.useRealTimers();

    expect({ before, after, atTheEnd: onStall.mock.calls.length }).toEqual({
      before: 0,
      after: 1,
      atTheEnd: 1,
    });
  });
});
