import { createHash } from 'node:crypto';
import curve from 'libsignal/src/curve.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { libraryText } from '../../../test/support/library-socket.js';
import { aKeyPair, aSignalPair, type SignalEnd } from '../../../test/support/signal-pair.js';
import { silenceLibsignal } from './libsignal-console.js';
import { MAX_PASSED_OVER } from './chain-steps.js';
import { receiveOnChain } from './receiving-chain.js';

silenceLibsignal();

const NOW = 1_700_000_000_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Never changed by what reads it. */
function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

function receive({ stored, publicIdentity }: SignalEnd, body: Buffer) {
  return receiveOnChain(frozen(stored), body, publicIdentity, Date.now());
}

/** Both ways, whose records must be the same text. */
async function receiveBoth(to: SignalEnd, message: { type: number; body: Buffer }): Promise<string> {
  const received = receive(to, message.body);
  const plaintext = await to.decrypt(message);

  expect(received?.plaintext).toEqual(plaintext);
  expect(JSON.stringify(received?.record)).toBe(JSON.stringify(to.stored));
  return plaintext.toString();
}

describe('receiveOnChain', () => {
  it('reads messages in order, late ones, and the first one after a gap, as libsignal does', async () => {
    const { from, to } = await aSignalPair();
    const texts = Array.from({ length: MAX_PASSED_OVER + 4 }, (_, index) => `message ${index}`);
    const sent = [];
    for (const text of texts) {
      sent.push(await from.encrypt(text));
    }
    const order = [0, 1, MAX_PASSED_OVER + 1, 5, 2, MAX_PASSED_OVER + 3];

    for (const index of order) {
      expect(await receiveBoth(to, sent[index]!)).toBe(texts[index]);
    }
  });

  it.each([0, 1, 5])(
    'turns the ratchet where the other side has a new key, with %i messages still under way',
    async (late) => {
      const { from, to } = await aSignalPair();
      const before = [];
      for (let sent = 0; sent < late; sent++) {
        before.push(await from.encrypt(`late ${sent}`));
      }
      vi.setSystemTime(NOW + 5);
      const answers = [await to.encrypt('your turn'), await to.encrypt('still yours')];
      for (const answer of answers) {
        await from.decrypt(answer);
      }
      const pair = aKeyPair();
      vi.spyOn(curve, 'generateKeyPair').mockReturnValue(pair);
      const next = [await from.encrypt('my turn'), await from.encrypt('and more')];

      expect(await receiveBoth(to, next[1]!)).toBe('and more');
      for (const message of [...before, next[0]!]) {
        await receiveBoth(to, message);
      }
      vi.restoreAllMocks();
      expect((await from.decrypt(await to.encrypt('read'))).toString()).toBe('read');
    },
  );

  it('turns it for the first answer to a first message, which need not be sent again then', async () => {
    const { from } = await aSignalPair();
    const { to } = await aSignalPair();
    from.stored = undefined;
    await from.open(to);
    await to.decrypt(await from.encrypt('a session of our own'));
    const pair = aKeyPair();
    const answer = await to.encrypt('an answer');
    vi.spyOn(curve, 'generateKeyPair').mockReturnValue(pair);

    expect(JSON.stringify(from.stored)).toContain('pendingPreKey');
    expect(await receiveBoth(from, answer)).toBe('an answer');
    expect(JSON.stringify(from.stored)).not.toContain('pendingPreKey');
  });

  it('reads messages of the newer of two sessions', async () => {
    const { from, to } = await aSignalPair();
    vi.setSystemTime(NOW + 1);
    await from.open(to);
    await to.decrypt(await from.encrypt('a new session'));
    await from.decrypt(await to.encrypt('an answer on it'));

    expect(await receiveBoth(from, await to.encrypt('and one more'))).toBe('and one more');
  });

  it.each<[string, (pair: { from: SignalEnd; to: SignalEnd }) => Promise<Buffer>]>([
    ['a message that was read', async ({ from, to }) => readOnce(to, await from.encrypt('once'))],
    ['one with a spoilt signature', async ({ from }) => spoilt(await from.encrypt('hello'), -1)],
    ['one with a spoilt body', async ({ from }) => spoilt(await from.encrypt('hello'), -12)],
    ['one with another counter', async ({ from }) => spoilt(await from.encrypt('hello'), 37)],
    [
      'the first of a new chain with a spoilt signature',
      async ({ from, to }) => {
        await from.decrypt(await to.encrypt('your turn'));
        return spoilt(await from.encrypt('my turn'), -1);
      },
    ],
    [
      'the first of a new chain, where the one before is far behind',
      async ({ from, to }) => {
        for (let passed = 0; passed <= MAX_PASSED_OVER; passed++) {
          await from.encrypt('lost');
        }
        await from.decrypt(await to.encrypt('your turn'));
        return (await from.encrypt('my turn')).body;
      },
    ],
    [
      'a key of another kind',
      async ({ from, to }) => {
        await from.decrypt(await to.encrypt('your turn'));
        return spoilt(await from.encrypt('my turn'), 3);
      },
    ],
    [
      'one that is too far ahead',
      async ({ from }) => {
        for (let passed = 0; passed < MAX_PASSED_OVER; passed++) {
          await from.encrypt('lost');
        }
        return (await from.encrypt('found')).body;
      },
    ],
    [
      'one of a session that is closed',
      async ({ from, to }) => {
        const late = await from.encrypt('late');
        await from.open(to);
        await to.decrypt(await from.encrypt('a new session'));
        return late.body;
      },
    ],
  ])('leaves %s to libsignal', async (_name, prepare) => {
    const pair = await aSignalPair();

    expect(receive(pair.to, await prepare(pair))).toBeUndefined();
  });

  it('leaves a message to libsignal of which another session was used later', async () => {
    const { from, to } = await aSignalPair();
    const stored = structuredClone(to.stored) as {
      _sessions: Record<string, { indexInfo: { used: number } }>;
    };
    const [session] = Object.values(stored._sessions);
    stored._sessions['another'] = {
      ...structuredClone(session!),
      indexInfo: { ...session!.indexInfo, used: NOW + 1 },
    };
    Object.assign(stored._sessions['another'], { _chains: {} });
    const { body } = await from.encrypt('hello');

    expect(receiveOnChain(stored, body, to.publicIdentity, NOW)).toBeUndefined();
    expect(receiveOnChain(to.stored, body, to.publicIdentity, NOW)).toBeDefined();
  });

  it('leaves what somebody else encrypted to libsignal', async () => {
    const { from, to } = await aSignalPair();
    const { body } = await from.encrypt('hello');

    expect(receiveOnChain(to.stored, body, from.publicIdentity, NOW)).toBeUndefined();
    expect(receiveOnChain(undefined, body, to.publicIdentity, NOW)).toBeUndefined();
  });
});

describe('libsignal', () => {
  it.each([
    ['session_cipher.js', '031b3282489ffec6a0cab23520bdf956a5bf4d15c57cb868e89fa6643255cd2b'],
    ['session_record.js', '604d6d8ded9d316f7e8367c45759f6449be743c5aabe142db3412eff4e89ab35'],
    ['curve.js', 'a45c682103f1ab047a24497db2175dec5605495d8c0f4c11354b347d31950f6a'],
    ['crypto.js', '4e5a913d6e28880bac0d4b97ecf869ac5dc0f65b3dda7268fad011b63bf5b2b1'],
  ])('is the version that this was compared with: %s', (file, hash) => {
    // Where this fails, `docs/fast-receive.md` says what to compare.
    expect(
      createHash('sha256')
        .update(libraryText(`libsignal/src/${file}`))
        .digest('hex'),
    ).toBe(hash);
  });
});

async function readOnce(to: SignalEnd, message: { type: number; body: Buffer }): Promise<Buffer> {
  await to.decrypt(message);
  return message.body;
}

function spoilt({ body }: { body: Buffer }, at: number): Buffer {
  const copy = Buffer.from(body);
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy;
}
