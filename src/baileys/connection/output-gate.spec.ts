import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aCipher } from '../../../test/support/a-cipher.js';
import { now } from '../ownership/lease-term.js';
import type { RawSocket as WholeSocket, SendCallback } from '../patches/raw-socket.js';
import { OutputGate } from './output-gate.js';

type RawSocket = Omit<WholeSocket, 'pause' | 'resume'>;
import { SessionHandle } from '../ownership/session-handle.js';

let written: string[];
let calls: string[];
let raw: RawSocket;
let handle: SessionHandle;
let durable: number;
let gate: OutputGate;

beforeEach(() => {
  written = [];
  calls = [];
  raw = {
    send: (data: unknown, _options?: unknown, callback?: SendCallback) => {
      written.push(String(data));
      callback?.();
    },
    close: () => calls.push('close'),
    terminate: () => calls.push('terminate'),
    _socket: { cork: () => calls.push('cork'), uncork: () => calls.push('uncork') },
  };
  handle = new SessionHandle('instance', 1, aCipher('instance'));
  durable = 0;
  gate = new OutputGate(raw, handle, () => durable);
});

afterEach(() => {
  vi.useRealTimers();
});

function commitUpTo(ticket: number): void {
  durable = ticket;
  handle.announceReleasable();
}

describe('OutputGate', () => {
  it('lets frames pass at once while nothing is pending', () => {
    raw.send('ping');
    expect(written).toEqual(['ping']);
  });

  it('holds frames until what came before them is durable, and keeps their order', () => {
    handle.lastTicket = 1;
    raw.send('receipt 1');
    handle.lastTicket = 3;
    raw.send('receipt 2');
    raw.send('ping');
    expect(written).toEqual([]);

    commitUpTo(1);
    expect(written).toEqual(['receipt 1']);
    commitUpTo(2);
    expect(written).toEqual(['receipt 1']);
    commitUpTo(3);
    expect(written).toEqual(['receipt 1', 'receipt 2', 'ping']);
    expect(calls).toEqual(['cork', 'uncork', 'cork', 'uncork']);
  });

  it('holds every frame once the lease is over, until it is renewed', () => {
    vi.useFakeTimers();
    handle.renewLease(now(), 5_000);
    raw.send('in time');
    vi.advanceTimersByTime(5_000);

    raw.send('keep-alive');
    handle.lastTicket = 1;
    raw.send('receipt');
    commitUpTo(1);
    expect(written).toEqual(['in time']);

    handle.renewLease(now(), 5_000);
    expect(written).toEqual(['in time', 'keep-alive', 'receipt']);
  });

  it('drops what was held when the lease turns out to be lost', () => {
    vi.useFakeTimers();
    handle.renewLease(now(), 5_000);
    vi.advanceTimersByTime(6_000);
    raw.send('keep-alive');

    gate.kill();
    handle.renewLease(now(), 5_000);

    expect(written).toEqual([]);
  });

  it('does not let a later frame overtake one that is held', () => {
    handle.lastTicket = 1;
    raw.send('held');
    durable = 1;
    raw.send('later');
    expect(written).toEqual([]);
    commitUpTo(1);
    expect(written).toEqual(['held', 'later']);
  });

  it('answers the callback of a held frame in a later tick', async () => {
    handle.lastTicket = 1;
    const answers: string[] = [];
    raw.send('held', (error) => answers.push(error ? 'failed' : 'done'));
    expect(answers).toEqual([]);
    await turn();
    expect(answers).toEqual(['done']);
  });

  it('lets nothing out once it is dead', async () => {
    handle.lastTicket = 1;
    raw.send('held');
    gate.kill();
    commitUpTo(1);
    const errors: unknown[] = [];
    raw.send('late', {}, (error) => errors.push(error));
    await turn();

    expect(written).toEqual([]);
    expect(errors).toEqual([expect.any(Error)]);
    expect(calls).toEqual(['terminate']);
  });

  it('closes after what is held has left, and takes nothing new meanwhile', () => {
    handle.lastTicket = 1;
    raw.send('farewell');
    raw.close();
    raw.send('late');
    expect(calls).toEqual([]);

    commitUpTo(1);

    expect(written).toEqual(['farewell']);
    expect(calls).toEqual(['cork', 'uncork', 'close']);
  });

  it('does not wait for ever to close, nor for the answer of a dead peer', () => {
    vi.useFakeTimers();
    handle.lastTicket = 1;
    raw.send('farewell');
    raw.close();
    vi.advanceTimersByTime(2_000);
    expect(calls).toEqual(['close']);
    vi.advanceTimersByTime(1_000);
    expect(calls).toEqual(['close', 'terminate']);
    expect(written).toEqual([]);
  });

  it('is what keeps frames back: with one that takes everything for durable they leave early', () => {
    const early: string[] = [];
    const ungated: RawSocket = { ...raw, send: (data) => early.push(String(data)) };
    new OutputGate(ungated, handle, () => Infinity);
    handle.lastTicket = 1;
    raw.send('receipt');
    ungated.send('receipt');

    expect({ written, early }).toEqual({ written: [], early: ['receipt'] });
  });
});
