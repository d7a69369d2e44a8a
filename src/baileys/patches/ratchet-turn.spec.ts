import { expect, it } from 'vitest';
import { aSignalPair } from '../../../test/support/signal-pair.js';
import { silenceLibsignal } from './libsignal-console.js';
import { beginTurn, endTurn } from './ratchet-turn.js';
import type { StoredRecord } from './session-records.js';
import { readWhisperMessage } from './whisper-message.js';

silenceLibsignal();

/** A session whose other side has a new key, and its message; `receiving-chain.spec.ts` compares with libsignal. */
async function aTurn() {
  const { from, to } = await aSignalPair();
  await from.decrypt(await to.encrypt('your turn'));
  const { body } = await from.encrypt('my turn');
  const [session] = Object.values((to.stored as StoredRecord)._sessions);
  return { session: session!, message: readWhisperMessage(body)! };
}

it('closes the chain before, and sends on a new one under a key pair that nobody had', async () => {
  const { session, message } = await aTurn();
  const turn = beginTurn(session, message)!;
  const [one, other] = [0, 1].map(() => endTurn(session, message.ephemeralKey, turn, turn.chain));

  const before = session.currentRatchet;
  expect(one!._chains[before.lastRemoteEphemeralKey]!.chainKey.key).toBeUndefined();
  expect(Object.keys(one!._chains)).not.toContain(before.ephemeralKeyPair.pubKey);
  expect(Object.keys(one!._chains).slice(-2)).toEqual([
    message.ephemeralKey.toString('base64'),
    one!.currentRatchet.ephemeralKeyPair.pubKey,
  ]);
  expect(other!.currentRatchet.ephemeralKeyPair.privKey).not.toBe(
    one!.currentRatchet.ephemeralKeyPair.privKey,
  );
});

it('has nothing to do with a key that is none', async () => {
  const { session, message } = await aTurn();
  const ephemeralKey = Buffer.from(message.ephemeralKey);
  ephemeralKey[0] = 4;

  expect(beginTurn(session, { ...message, ephemeralKey })).toBeUndefined();
});
