import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LeasedWork, STOPPING, type WorkSource } from './leased-work.js';

interface Piece {
  id: string;
  done: PromiseWithResolvers<void>;
  signal?: AbortSignal;
}

let due: Piece[];
let begun: Piece[];
let failures: [unknown, string][];

const piece = (id: string): Piece => ({ id, done: Promise.withResolvers<void>() });

function work(changes: Partial<WorkSource<Piece>> = {}): LeasedWork<Piece> {
  return new LeasedWork<Piece>({
    atOnce: 2,
    idOf: ({ id }) => id,
    claim: (_worker, room) => Promise.resolve(due.splice(0, room)),
    work: (one, signal) => {
      begun.push(Object.assign(one, { signal }));
      signal.addEventListener('abort', () => one.done.resolve());
      return one.done.promise;
    },
    failed: (error, what) => failures.push([error, what]),
    ...changes,
  });
}

beforeEach(() => {
  [due, begun, failures] = [['a', 'b', 'c', 'd'].map(piece), [], []];
});

const ids = () => begun.map(({ id }) => id);

describe('LeasedWork', () => {
  it('does as much at a time as it has room for, and the next when one is over', async () => {
    const leased = work();
    leased.take();
    await vi.waitFor(() => expect(ids()).toEqual(['a', 'b']));
    begun[0]!.done.resolve();
    await vi.waitFor(() => expect(ids()).toEqual(['a', 'b', 'c']));
    await leased.stop();
  });

  it('lets what is under way come to its end for a while, and ends it then', async () => {
    const leased = work();
    leased.take();
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    const stopped = leased.stop(20);
    begun[0]!.done.resolve();
    await stopped;

    expect(begun.map(({ signal }) => signal!.reason)).toEqual([undefined, STOPPING]);
    leased.take();
    expect(ids()).toEqual(['a', 'b']);
  });

  it('ends what is another one’s by now', async () => {
    const leased = work({ lease: { ms: 3, renew: () => Promise.resolve(['b']) } });
    leased.take();
    await vi.waitFor(() => expect(begun[0]!.signal!.aborted).toBe(true));
    expect(begun[1]!.signal!.aborted).toBe(false);
    await leased.stop();
  });

  it('tells what failed, and goes on', async () => {
    const leased = work();
    leased.take();
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    begun[0]!.done.reject(new Error('no'));
    await vi.waitFor(() => expect(ids()).toEqual(['a', 'b', 'c']));
    expect(failures).toEqual([[new Error('no'), 'work']]);
    await leased.stop();
  });
});
