import { setTimeout as pause } from 'node:timers/promises';
import {
  addTransactionCapability,
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  generateSignalPubKey,
  initAuthCreds,
  Curve,
  type SignalDataSet,
  type SignalKeyStore,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { silenceLibsignal } from '../patches/libsignal-console.js';
import { TransactionCargo } from '../patches/key-transactions.js';
import type { PlainInboxRow } from '../storage/pending-batch.js';
import type { SocketKeys } from '../storage/session-key-store.js';
import { hardenedRepository } from './signal-repository.js';
import { decode, encode, freeze } from '../sealing/stored-value.js';

type Repository = ReturnType<SocketConfig['makeSignalRepository']>;

const LOGGER = pino({ level: 'silent' });
const ANA = '100000000000001@lid';
const ROUNDS = 12;

/** What one call of the store wrote. */
interface Write {
  data: SignalDataSet;
  rows: readonly PlainInboxRow[];
}

/** One account with a real Signal end; its store takes its time, and remembers each write. */
class Account {
  readonly creds = initAuthCreds();
  readonly writes: Write[] = [];
  readonly keys: SignalKeyStoreWithTransaction;
  readonly repository: Repository;
  private readonly values = new Map<string, string>();
  readonly over = new AbortController();
  readonly observe: (stanza: BinaryNode) => Promise<boolean>;
  private nextPreKey = 1;

  constructor(
    readonly jid: string,
    readonly delayMs: number,
  ) {
    const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };
    const socketKeys = this.store();
    this.keys = addTransactionCapability(socketKeys, LOGGER, options);
    const hardened = hardenedRepository(
      {
        store: { findInbox: async () => undefined },
        socketKeys,
        ended: this.over.signal,
        onUnreadable: () => undefined,
      },
      { limitMs: 60_000, onHeld: () => undefined },
    );
    this.observe = hardened.observe;
    this.repository = hardened.makeSignalRepository(
      { creds: this.creds, keys: this.keys },
      LOGGER,
      async () => [],
    );
  }

  /** What a peer needs to write to it first. */
  async bundle() {
    const keyId = this.nextPreKey++;
    const pair = Curve.generateKeyPair();
    await this.keys.set({ 'pre-key': { [keyId]: pair } });
    const { signedPreKey, signedIdentityKey, registrationId } = this.creds;
    return {
      registrationId,
      identityKey: generateSignalPubKey(signedIdentityKey.public),
      signedPreKey: {
        keyId: signedPreKey.keyId,
        publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
        signature: signedPreKey.signature,
      },
      preKey: { keyId, publicKey: generateSignalPubKey(pair.public) },
    };
  }

  async receives(from: string, message: { type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }, id: string) {
    const { type, ciphertext } = message;
    const content = [{ tag: 'enc', attrs: { type, v: '2' }, content: ciphertext }];
    await this.observe({ tag: 'message', attrs: { id, from, t: '1700000000' }, content });
    return Buffer.from(await this.repository.decryptMessage({ jid: from, type, ciphertext })).toString();
  }

  /** As Baileys' `relayMessage` does it: encrypts within one transaction that ends after the stanza has left. */
  async sends(to: string, text: string) {
    return this.keys.transaction(async () => {
      const sealed = await this.repository.encryptMessage({ jid: to, data: Buffer.from(text) });
      await pause(this.delayMs * 3);
      return sealed;
    }, this.jid);
  }

  private store(): SocketKeys {
    const inbox = new TransactionCargo<PlainInboxRow>();
    return {
      inbox,
      receive: async (rows) => {
        this.writes.push({ data: {}, rows });
        await pause(this.delayMs);
      },
      peek: () => undefined,
      onWrite: () => undefined,
      get: async (type, ids) => {
        await pause(this.delayMs);
        const found = ids.flatMap((id) => {
          const text = this.values.get(`${type}/${id}`);
          return text === undefined ? [] : [[id, decode(type, text)]];
        });
        return Object.fromEntries(found) as never;
      },
      set: async (data) => {
        inbox.storeWith((rows) => this.writes.push({ data, rows }));
        for (const [type, values] of Object.entries(data)) {
          for (const [id, value] of Object.entries(values ?? {})) {
            const frozen = freeze(type, value);
            if (frozen) {
              this.values.set(`${type}/${id}`, encode(frozen));
            } else {
              this.values.delete(`${type}/${id}`);
            }
          }
        }
        await pause(this.delayMs);
      },
    };
  }
}

/** A customer's phone, which keeps everything in memory. */
async function customerOf(...accounts: Account[]): Promise<Repository> {
  const values = new Map<string, unknown>();
  const store: SignalKeyStore = {
    get: async (type, ids) =>
      Object.fromEntries(
        ids
          .filter((id) => values.has(`${type}/${id}`))
          .map((id) => [id, structuredClone(values.get(`${type}/${id}`))]),
      ) as never,
    set: async (data) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          values.set(`${type}/${id}`, JSON.parse(JSON.stringify(value)) as unknown);
        }
      }
    },
  };
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };
  const keys = addTransactionCapability(store, LOGGER, options);
  const auth = { creds: initAuthCreds(), keys };
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, LOGGER, async () => []);
  for (const account of accounts) {
    await repository.injectE2ESession({ jid: account.jid, session: await account.bundle() });
  }
  return repository;
}

beforeAll(() => {
  silenceLibsignal();
});

describe('hardenedRepository', () => {
  it('stores a message in one write with its ratchet step, also when two accounts hear from the same person at once', async () => {
    const accounts = [new Account('200000000000001@lid', 2), new Account('200000000000002@lid', 3)];
    const ana = await customerOf(...accounts);
    const sealed = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const account of accounts) {
        const message = await ana.encryptMessage({ jid: account.jid, data: Buffer.from(`hi ${round}`) });
        sealed.push({ account, message, id: `${round}` });
      }
    }
    accounts.forEach(({ writes }) => writes.splice(0));

    await Promise.all(sealed.map(({ account, message, id }) => account.receives(ANA, message, id)));

    for (const { writes } of accounts) {
      const together = writes.map(({ data, rows }) => [
        Object.keys(data['session'] ?? {}).length,
        rows.length,
      ]);
      expect(together).toEqual(Array.from({ length: ROUNDS }, () => [1, 1]));
    }
  });

  it('stores a placeholder, with all that its stanza says, before it fails on a message', async () => {
    const account = new Account('200000000000006@lid', 1);
    const attrs = { id: 'spoiled', from: ANA, sender_pn: '5521988776655@s.whatsapp.net', category: 'peer' };
    const ciphertext = Buffer.from('no Signal message');
    const content = [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: ciphertext }];

    await account.observe({ tag: 'message', attrs, content });
    const decrypting = account.repository.decryptMessage({ jid: ANA, type: 'msg', ciphertext });

    await expect(decrypting).rejects.toThrow('No session record');
    const rows = account.writes.flatMap((write) => write.rows);
    expect(rows).toEqual([
      expect.objectContaining({ messageId: 'spoiled', encryption: 'none', body: null, attrs }),
    ]);
  });

  it('stores nothing of a message that fails because the connection is over', async () => {
    const account = new Account('200000000000007@lid', 1);
    const ciphertext = Buffer.from('no Signal message');
    const content = [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: ciphertext }];
    await account.observe({ tag: 'message', attrs: { id: 'late', from: ANA }, content });

    account.over.abort();
    const decrypting = account.repository.decryptMessage({ jid: ANA, type: 'msg', ciphertext });

    await expect(decrypting).rejects.toThrow('No session record');
    expect(account.writes).toEqual([]);
  });

  it.each([
    { tag: 'unavailable', attrs: { type: 'view_once' }, rows: 1 },
    { tag: 'unavailable', attrs: { type: 'bot_unavailable_fanout' }, rows: 0 },
    { tag: 'enc', attrs: { type: 'of the future' }, rows: 1 },
  ])(
    'stores $rows placeholders of a stanza with nothing but $tag $attrs.type',
    async ({ tag, attrs, rows }) => {
      const account = new Account('200000000000008@lid', 1);
      const content = [{ tag, attrs, content: tag === 'enc' ? Buffer.from('?') : undefined }] as BinaryNode[];

      const isForLibrary = await account.observe({
        tag: 'message',
        attrs: { id: 'empty', from: ANA },
        content,
      });

      expect([isForLibrary, account.writes.length]).toEqual([true, rows]);
    },
  );

  it('stores a placeholder of what the library would refuse, which does not get it', async () => {
    const account = new Account('200000000000009@lid', 1);
    const content = [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: Buffer.from('?') }];
    const refused = { tag: 'message', attrs: { id: 'kind', from: '1@interop' }, content };

    expect(await account.observe(refused)).toBe(false);
    expect(account.writes.flatMap(({ rows }) => rows)).toMatchObject([
      { messageId: 'kind', encryption: 'none', body: null },
    ]);
  });

  it('uses no send counter twice while messages of the same person come in', async () => {
    const account = new Account('200000000000003@lid', 2);
    const ana = await customerOf(account);
    const hello = await ana.encryptMessage({ jid: account.jid, data: Buffer.from('hello') });
    await account.receives(ANA, hello, 'hello');

    const read: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const message = await ana.encryptMessage({ jid: account.jid, data: Buffer.from('again') });
      const replying = account.sends(ANA, `reply ${round}`);
      await pause(round % 8);
      const [reply] = await Promise.all([replying, account.receives(ANA, message, `id ${round}`)]);
      read.push(Buffer.from(await ana.decryptMessage({ jid: account.jid, ...reply })).toString());
    }

    expect(read).toEqual(Array.from({ length: ROUNDS }, (_, round) => `reply ${round}`));
  });

  it('has stored the ratchet step of a send before its stanza leaves', async () => {
    const account = new Account('200000000000004@lid', 1);
    const ana = await customerOf(account);
    const hello = await ana.encryptMessage({ jid: account.jid, data: Buffer.from('hello') });
    await account.receives(ANA, hello, 'hello');
    account.writes.length = 0;
    const order: string[] = [];

    await account.keys.transaction(async () => {
      await account.repository.encryptMessage({ jid: ANA, data: Buffer.from('reply') });
      order.push(...account.writes.flatMap(({ data }) => Object.keys(data)), 'stanza');
    }, account.jid);

    expect(order).toEqual(['session', 'stanza']);
  });

  it('has stored a new pre-key before the retry receipt that offers it', async () => {
    const account = new Account('200000000000005@lid', 1);
    const order: string[] = [];

    await account.keys.transaction(async () => {
      await account.keys.set({ 'pre-key': { 7: Curve.generateKeyPair() } });
      order.push(...account.writes.flatMap(({ data }) => Object.keys(data)), 'receipt');
    }, account.jid);

    expect(order).toEqual(['pre-key', 'receipt']);
  });
});
