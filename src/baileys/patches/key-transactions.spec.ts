import { addTransactionCapability, type SignalDataSet, type SignalKeyStore } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { replaceTransaction, TransactionCargo } from './key-transactions.js';

type Write = { keys: string[]; rows: readonly string[] };

let writes: Write[];
let fault: Error | undefined;
let cargo: TransactionCargo<string>;

beforeEach(() => {
  writes = [];
  fault = undefined;
});

/** The library's keys over a store that takes what is carried. */
function carryingKeys() {
  const mine = new TransactionCargo<string>();
  cargo = mine;
  const set = (data: SignalDataSet) =>
    mine.storeWith((rows) => {
      if (fault) {
        throw fault;
      }
      writes.push({ keys: Object.values(data).flatMap((values) => Object.keys(values ?? {})), rows });
    });
  const store: SignalKeyStore = { get: async () => ({}), set };
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };
  const keys = addTransactionCapability(store, pino({ level: 'silent' }), options);
  mine.carryOn(keys, async (rows) => void writes.push({ keys: [], rows }));
  return { keys, store };
}

const session = (id: string): SignalDataSet => ({ session: { [id]: Buffer.from(id) } });

describe('TransactionCargo', () => {
  it('is stored in the call that commits the transaction, and by no write before', async () => {
    const { keys, store } = carryingKeys();
    await keys.transaction(async () => {
      await keys.set(session('ana'));
      cargo.add('row of ana');
      await store.set({ 'pre-key': { 7: null } });
      await keys.set(session('bob'));
    }, 'me');

    expect(writes).toEqual([
      { keys: ['7'], rows: [] },
      { keys: ['ana', 'bob'], rows: ['row of ana'] },
    ]);
  });

  it('is part of the outer transaction where one is within another', async () => {
    const { keys } = carryingKeys();
    await keys.transaction(async () => {
      await keys.transaction(() => keys.set(session('ana')) as Promise<void>, 'ana');
      cargo.add('row');
    }, 'me');

    expect(writes).toEqual([{ keys: ['ana'], rows: ['row'] }]);
  });

  it('of each transaction is its own', async () => {
    const { keys } = carryingKeys();
    const transact = (id: string) =>
      keys.transaction(async () => {
        await keys.set(session(id));
        cargo.add(`row of ${id}`);
      }, id);
    await Promise.all(['ana', 'bob', 'ana'].map(transact));

    expect(writes.map(({ keys: [id], rows }) => [`row of ${id}`, ...rows])).toEqual(
      writes.map(({ rows }) => [rows[0], rows[0]]),
    );
    expect(writes).toHaveLength(3);
  });

  it('is dropped with the transaction when the work fails', async () => {
    const { keys } = carryingKeys();
    const failing = keys.transaction(async () => {
      await keys.set(session('ana'));
      cargo.add('row');
      throw new Error('Bad MAC');
    }, 'me');

    await expect(failing).rejects.toThrow('Bad MAC');
    await keys.set(session('bob'));
    expect(writes).toEqual([{ keys: ['bob'], rows: [] }]);
  });

  it('fails with the commit, and is not stored by itself', async () => {
    const { keys } = carryingKeys();
    fault = new Error('session was given up');
    const failing = keys.transaction(async () => {
      await keys.set(session('ana'));
      cargo.add('row');
    }, 'me');

    await expect(failing).rejects.toThrow('session was given up');
    expect(writes).toEqual([]);
  });

  it('is stored by itself where the transaction wrote no key', async () => {
    const { keys } = carryingKeys();
    await keys.transaction(async () => cargo.add('row'), 'me');

    expect(writes).toEqual([{ keys: [], rows: ['row'] }]);
  });

  it('takes nothing outside of a transaction, nor after its end', async () => {
    const { keys } = carryingKeys();
    const late = await keys.transaction(async () => () => cargo.add('row'), 'me');

    expect(() => cargo.add('row')).toThrow('no transaction is under way');
    expect(late).toThrow('no transaction is under way');
  });

  it('of one socket is not taken along by the store of another, whose work runs in its context', async () => {
    const mine = carryingKeys();
    const ofMine = cargo;
    const other = carryingKeys();
    await mine.keys.transaction(async () => {
      await mine.keys.set(session('ana'));
      ofMine.add('row');
      await other.store.set(session('foreign'));
    }, 'me');

    expect(writes).toEqual([
      { keys: ['foreign'], rows: [] },
      { keys: ['ana'], rows: ['row'] },
    ]);
  });
});

describe('the transactions of the library', () => {
  it('are run by what replaced them, those within another one too', async () => {
    const { keys } = carryingKeys();
    const run: string[] = [];
    replaceTransaction(keys, (transaction) => (work, key) => {
      run.push(`${key} ${keys.isInTransaction()}`);
      return transaction(work, key);
    });
    await keys.transaction(() => keys.transaction(async () => undefined, 'inner'), 'outer');

    expect(run).toEqual(['outer false', 'inner true']);
  });
});
