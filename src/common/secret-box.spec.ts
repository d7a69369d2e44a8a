import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from './secret-box.js';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const context = ['instance-1', 'session', '5511.0'];

describe('SecretBox', () => {
  it('opens what it sealed, and never shows the plaintext', () => {
    const box = new SecretBox([newKey]);
    const sealed = box.seal(Buffer.from('a private key'), context);
    expect(sealed.includes('a private key')).toBe(false);
    expect(box.open(sealed, context).toString()).toBe('a private key');
  });

  it('opens values of an older key after a rotation', () => {
    const sealed = new SecretBox([oldKey]).seal(Buffer.from('x'), context);
    expect(new SecretBox([newKey, oldKey]).open(sealed, context).toString()).toBe('x');
    expect(() => new SecretBox([newKey]).open(sealed, context)).toThrow(/not configured/);
  });

  it.each([
    ['another instance', ['instance-2', 'session', '5511.0']],
    ['another type', ['instance-1', 'pre-key', '5511.0']],
    ['fields joined differently', ['instance-1', 'session,5511.0']],
  ])('does not open a value moved to %s', (_name, elsewhere) => {
    const box = new SecretBox([newKey]);
    const sealed = box.seal(Buffer.from('x'), context);
    expect(() => box.open(sealed, elsewhere)).toThrow(/unable to authenticate|Unsupported state/i);
  });

  it.each([0, 3, 10, 20, 33])('refuses a value changed at byte %i', (index) => {
    const box = new SecretBox([newKey]);
    const sealed = box.seal(Buffer.from('some text'), context);
    sealed[index]! ^= 1;
    expect(() => box.open(sealed, context)).toThrow(/sealed|authenticate/i);
  });

  it('refuses values that are too short', () => {
    const box = new SecretBox([newKey]);
    expect(() => box.open(Buffer.alloc(0), context)).toThrow(/not a sealed value/);
    expect(() => box.open(box.seal(Buffer.from('x'), context).subarray(0, 20), context)).toThrow(
      /not a sealed value/,
    );
  });

  it('never seals twice with the same initialization vector', () => {
    const box = new SecretBox([newKey]);
    const ivs = Array.from({ length: 1_000 }, () =>
      box.seal(Buffer.from('x'), context).subarray(5, 17).toString('hex'),
    );
    expect(new Set(ivs).size).toBe(1_000);
  });

  it('refuses keys that are not 32 bytes', () => {
    expect(() => new SecretBox([])).toThrow(RangeError);
    expect(() => new SecretBox([Buffer.alloc(16)])).toThrow(RangeError);
  });
});
