import { describe, expect, it } from 'vitest';
import { aSignalPair } from '../../../test/support/signal-pair.js';
import { MAX_PASSED_OVER, passTo, takeMessageKey } from './chain-steps.js';
import { silenceLibsignal } from './libsignal-console.js';
import type { StoredChain, StoredRecord } from './session-records.js';

silenceLibsignal();

/** The one on which the other side has written to it. */
async function aChain(): Promise<StoredChain> {
  const { to } = await aSignalPair();
  const [session] = Object.values((to.stored as StoredRecord)._sessions);
  return session!._chains[session!.currentRatchet.lastRemoteEphemeralKey]!;
}

describe('passTo', () => {
  it('keeps the key of each message that it passes, the last one included', async () => {
    const chain = await aChain();
    const { counter } = chain.chainKey;
    const passed = passTo(chain, counter + MAX_PASSED_OVER)!;

    expect(passed.chainKey.counter).toBe(counter + MAX_PASSED_OVER);
    expect(Object.keys(passed.messageKeys)).toHaveLength(MAX_PASSED_OVER);
    expect(Object.keys(chain.messageKeys)).toEqual([]);
  });

  it('leaves a chain as it is that is that far, closed or not', async () => {
    const chain = await aChain();
    const closed = { ...chain, chainKey: { counter: 3 } };

    expect([passTo(chain, chain.chainKey.counter), passTo(closed, 3)]).toEqual([chain, closed]);
  });

  it('goes no further than it may, and not on what is closed', async () => {
    const chain = await aChain();
    const closed = { ...chain, chainKey: { counter: 3 } };

    expect(passTo(chain, chain.chainKey.counter + MAX_PASSED_OVER + 1)).toBeUndefined();
    expect(passTo(closed, 4)).toBeUndefined();
  });
});

describe('takeMessageKey', () => {
  it('gives each key once', async () => {
    const chain = await aChain();
    const next = chain.chainKey.counter + 2;
    const taken = takeMessageKey(chain, next)!;

    expect(taken.messageKey).toHaveLength(32);
    expect(Object.keys(taken.chain.messageKeys)).toEqual([String(next - 1)]);
    expect(takeMessageKey(taken.chain, next)).toBeUndefined();
    expect(takeMessageKey(taken.chain, next - 1)?.chain.messageKeys).toEqual({});
  });
});
