import { SessionCipher } from 'libsignal';
import { describe, expect, it } from 'vitest';
import { keepUnfitSessionsIntact } from './libsignal-sessions.js';

/** A session as libsignal's are: its ratchet steps before anybody knows whether the message fits. */
class FakeSession {
  steps = 0;
  indexInfo = { used: 0 };
  pendingPreKey: object | undefined = {};

  constructor(readonly key: string) {}

  serialize(): { key: string; steps: number } {
    return { key: this.key, steps: this.steps };
  }

  static deserialize({ key, steps }: { key: string; steps: number }): FakeSession {
    return Object.assign(new FakeSession(key), { steps });
  }
}

interface Cipher {
  decryptWithSessions(
    data: Uint8Array,
    sessions: FakeSession[],
  ): Promise<{ session: FakeSession; plaintext: Buffer }>;
}

function cipher(): Cipher {
  const fake = Object.create(SessionCipher.prototype) as Cipher;
  return Object.assign(fake, {
    doDecryptWhisperMessage: (data: Uint8Array, session: FakeSession) => {
      session.steps += 1;
      if (Buffer.from(data).toString() !== session.key) {
        return Promise.reject(new Error('Bad MAC'));
      }
      delete session.pendingPreKey;
      return Promise.resolve(Buffer.from('plaintext'));
    },
  });
}

describe('keepUnfitSessionsIntact', () => {
  keepUnfitSessionsIntact();
  keepUnfitSessionsIntact();

  it('steps the session that fits and no other', async () => {
    const [newer, older] = [new FakeSession('newer'), new FakeSession('older')];
    const result = await cipher().decryptWithSessions(Buffer.from('older'), [newer, older]);

    expect(result.session).toBe(older);
    expect(result.plaintext.toString()).toBe('plaintext');
    expect([newer.steps, older.steps]).toEqual([0, 1]);
    expect([newer.pendingPreKey, older.pendingPreKey]).toEqual([{}, undefined]);
    expect(older.indexInfo.used).toBeGreaterThan(0);
  });

  it('decrypts with a single session as before', async () => {
    const only = new FakeSession('only');
    await cipher().decryptWithSessions(Buffer.from('only'), [only]);
    expect(only.steps).toBe(1);
  });

  it('fails as before when no session fits', async () => {
    const sessions = [new FakeSession('a'), new FakeSession('b')];
    await expect(cipher().decryptWithSessions(Buffer.from('c'), sessions)).rejects.toThrow(
      'No matching sessions found for message',
    );
  });
});
