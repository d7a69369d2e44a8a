import { beforeEach, describe, expect, it } from 'vitest';
import { DataKeys, makeDataKey, type StoredDataKey } from '../common/data-keys.js';
import { SecretBox } from '../common/secret-box.js';
import type { DataKeysRepository } from '../repositories/data-keys.repository.js';
import { KeyRing } from './key-ring.js';

const master = new SecretBox([Buffer.alloc(32, 1)]);
const context = ['inbox'];

let stored: Map<string, StoredDataKey[]>;
let asked: string[][];
let ring: KeyRing;

beforeEach(() => {
  stored = new Map();
  asked = [];
  const repository = {
    listOfInstances: (ids: string[]) => {
      asked.push(ids);
      return Promise.resolve(new Map(ids.map((id) => [id, stored.get(id) ?? []])));
    },
  } as unknown as DataKeysRepository;
  ring = new KeyRing(repository, master);
});

/** A new current key, and a body that it sealed. */
function sealedBy(instanceId: string, box = master): Buffer {
  const owner = { id: instanceId, purpose: 'inbox' } as const;
  const key = { ...makeDataKey(box, owner), isCurrent: true };
  stored.set(instanceId, [
    ...(stored.get(instanceId) ?? []).map((old) => ({ ...old, isCurrent: false })),
    key,
  ]);
  return DataKeys.unwrap(box, owner, [key]).seal(Buffer.from(`of ${instanceId}`), context);
}

async function open(...values: { instanceId: string; body: Buffer | null }[]): Promise<string[]> {
  const keys = await ring.forBodies(values);
  return values.map(({ instanceId, body }) => keys.get(instanceId)!.open(body!, context).toString());
}

describe('KeyRing', () => {
  it('asks once for all keys that it does not know, and not again', async () => {
    const values = ['a', 'b'].map((instanceId) => ({ instanceId, body: sealedBy(instanceId) }));

    expect(await open(...values, values[0]!)).toEqual(['of a', 'of b', 'of a']);
    expect(await open(...values)).toEqual(['of a', 'of b']);
    expect(asked).toEqual([['a', 'b']]);
  });

  it('asks again for a key that was made since', async () => {
    const before = { instanceId: 'a', body: sealedBy('a') };
    await open(before);
    const after = { instanceId: 'a', body: sealedBy('a') };

    expect(await open(before, after)).toEqual(['of a', 'of a']);
    expect(asked).toHaveLength(2);
  });

  it('asks for nothing where no data key is needed, or it was put there', async () => {
    const old = { instanceId: 'a', body: master.seal(Buffer.from('old'), context) };
    const body = sealedBy('b');
    ring.put('b', DataKeys.unwrap(master, { id: 'b', purpose: 'inbox' }, stored.get('b')!));

    expect(await open(old, { instanceId: 'b', body })).toEqual(['old', 'of b']);
    await ring.forBodies([{ instanceId: 'c', body: null }]);
    expect(asked).toEqual([]);
  });

  it('leaves what was shredded closed', async () => {
    const value = { instanceId: 'a', body: sealedBy('a') };
    stored.clear();

    await expect(open(value)).rejects.toThrow(/gone/);
  });

  it('says so when the configuration lacks a key, instead of taking the message for unreadable', async () => {
    const value = { instanceId: 'a', body: sealedBy('a', new SecretBox([Buffer.alloc(32, 2)])) };

    await expect(ring.forBodies([value])).rejects.toMatchObject({ code: 'encryption_key_missing' });
  });
});
