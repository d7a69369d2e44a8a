import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DataKeys, type DataKeyOwner, makeDataKey, rewrap } from './data-keys.js';
import { KeyMissingError, SecretBox } from './secret-box.js';

const owner: DataKeyOwner = { id: 'instance-1', purpose: 'session' };
const context = ['instance-1', 'session', '5511.0'];
const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const oldMaster = new SecretBox([oldKey]);
const newMaster = new SecretBox([newKey]);
const both = new SecretBox([newKey, oldKey]);

const current = (master: SecretBox) => ({ ...makeDataKey(master, owner), isCurrent: true });

describe('DataKeys', () => {
  it('open what the current one sealed, and only with the master key that wrapped it', () => {
    const stored = current(oldMaster);
    const sealed = DataKeys.unwrap(oldMaster, owner, [stored]).seal(Buffer.from('x'), context);

    expect(DataKeys.unwrap(both, owner, [stored]).open(sealed, context).toString()).toBe('x');
    expect(() => DataKeys.unwrap(newMaster, owner, [stored])).toThrow(KeyMissingError);
    expect(() => oldMaster.open(sealed, context)).toThrow(/data key/);
  });

  it('open what retired ones sealed, and seal with the current one', () => {
    const retired = current(oldMaster);
    const before = DataKeys.unwrap(oldMaster, owner, [retired]).seal(Buffer.from('x'), context);
    const next = current(newMaster);
    const keys = DataKeys.unwrap(both, owner, [{ ...retired, isCurrent: false }, next]);

    expect(keys.open(before, context).toString()).toBe('x');
    const alone = DataKeys.unwrap(newMaster, owner, [{ ...retired, isCurrent: false }, next]);
    expect(alone.open(keys.seal(Buffer.from('y'), context), context).toString()).toBe('y');
    expect(alone.lacksKeyOf(before)).toBe(true);
    expect(() => alone.open(before, context)).toThrow(/gone/);
  });

  it('open what a master key sealed itself, from before there were data keys', () => {
    const sealed = oldMaster.seal(Buffer.from('x'), context);
    const keys = DataKeys.unwrap(both, owner, []);

    expect(keys.open(sealed, context).toString()).toBe('x');
    expect(keys.lacksKeyOf(sealed)).toBe(false);
    expect(keys.canSeal).toBe(false);
    expect(() => keys.seal(Buffer.from('x'), context)).toThrow(/no data key/);
  });

  it('survive a new master key, and then need it', () => {
    const stored = current(oldMaster);
    const sealed = DataKeys.unwrap(oldMaster, owner, [stored]).seal(Buffer.from('x'), context);
    const wrapped = rewrap(both, owner, stored.wrapped);

    expect(
      DataKeys.unwrap(newMaster, owner, [{ ...stored, wrapped }])
        .open(sealed, context)
        .toString(),
    ).toBe('x');
    expect(() => oldMaster.open(wrapped, [owner.id, 'data key', owner.purpose])).toThrow(KeyMissingError);
  });

  it.each<[string, DataKeyOwner]>([
    ['another instance', { ...owner, id: 'instance-2' }],
    ['another purpose', { ...owner, purpose: 'inbox' }],
  ])('are not those of %s', (_name, elsewhere) => {
    expect(() => DataKeys.unwrap(oldMaster, elsewhere, [current(oldMaster)])).toThrow(/authenticate|state/i);
  });

  it('take garbage for what it is', () => {
    const keys = DataKeys.unwrap(oldMaster, owner, [current(oldMaster)]);
    const garbage = [Buffer.alloc(0), Buffer.of(2), Buffer.alloc(40, 9)];

    expect(garbage.map((value) => keys.lacksKeyOf(value))).toEqual([false, false, false]);
    for (const value of garbage) {
      expect(() => keys.open(value, context)).toThrow(/not a sealed value/);
    }
  });
});
