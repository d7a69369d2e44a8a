import { describe, expect, it } from 'vitest';
import { KeyCache } from './key-cache.js';
import { KeyCacheBudget } from './key-cache-budget.js';

const KB = 1024;

function text(bytes: number) {
  return { kind: 'text' as const, text: 'x'.repeat(bytes) };
}

function filled(budget: KeyCacheBudget, kilobytes: number, maxBytes = 1024 * KB): KeyCache {
  const cache = new KeyCache(budget, [], true, maxBytes);
  for (let index = 0; index < kilobytes; index++) {
    cache.set('session', String(index), text(KB));
  }
  return cache;
}

describe('KeyCache', () => {
  it('stays within its own bound, drops the least recently used, and knows that it does not hold all any more', () => {
    const budget = new KeyCacheBudget(1024 * KB);
    const cache = new KeyCache(budget, [], true, 20 * KB);
    expect(cache.get('session', 'unknown')).toBeNull();
    for (let index = 0; index < 40; index++) {
      cache.set('session', String(index), text(KB));
      cache.get('session', '0');
    }

    expect(cache.bytes).toBeLessThanOrEqual(20 * KB);
    expect(cache.get('session', '0')).toEqual(text(KB));
    expect([cache.get('session', '1'), cache.get('session', 'unknown')]).toEqual([undefined, undefined]);
  });

  it('does not keep what is larger than a quarter of it, nor claim that it is missing', () => {
    const cache = new KeyCache(new KeyCacheBudget(1024 * KB), [], true, 8 * KB);
    cache.set('session', 'big', text(4 * KB));

    expect(cache.get('session', 'big')).toBeUndefined();
  });

  it('forgets everything for good when it is disposed of, and gives its budget back', () => {
    const budget = new KeyCacheBudget(1024 * KB);
    const cache = filled(budget, 10);
    expect(budget.bytes).toBe(cache.bytes);
    cache.dispose();
    cache.set('session', '0', text(KB));

    expect([cache.get('session', '0'), cache.bytes, budget.bytes]).toEqual([undefined, 0, 0]);
  });

  it('keeps no pre-keys', () => {
    const cache = filled(new KeyCacheBudget(1024 * KB), 0);
    cache.set('pre-key', '1', text(64));

    expect([cache.get('pre-key', '1'), cache.bytes]).toEqual([undefined, 0]);
  });
});

describe('KeyCacheBudget', () => {
  it('bounds all caches together, and takes from those above an equal share', () => {
    const budget = new KeyCacheBudget(200 * KB);
    const small = [filled(budget, 10), filled(budget, 10), filled(budget, 10)];
    const large = filled(budget, 400);

    expect(budget.bytes).toBeLessThanOrEqual(200 * KB);
    expect(budget.bytes).toBe([...small, large].reduce((sum, { bytes }) => sum + bytes, 0));
    expect(small.map((cache) => cache.get('session', '0'))).toEqual([text(KB), text(KB), text(KB)]);
    expect(large.bytes).toBeGreaterThan(100 * KB);
  });

  it('shares equally among caches that all want more', () => {
    const budget = new KeyCacheBudget(200 * KB);
    const caches = [0, 1, 2, 3].map(() => new KeyCache(budget, [], true, 1024 * KB));
    for (let index = 0; index < 100; index++) {
      caches.forEach((cache) => cache.set('session', String(index), text(KB)));
    }

    for (const cache of caches) {
      expect(cache.bytes).toBeGreaterThan(35 * KB);
      expect(cache.bytes).toBeLessThan(65 * KB);
    }
  });
});
