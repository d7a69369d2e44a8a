import { describe, expect, it } from 'vitest';
import { rateHeaders } from './rate-headers.js';
import type { LimitState } from './limit-state.js';

const state = (
  name: LimitState['name'],
  limit: number,
  remaining: number,
  resetSeconds: number,
): LimitState => ({
  name,
  limit,
  remaining,
  resetSeconds,
  isOver: false,
  isFirstOver: false,
});

describe('rateHeaders', () => {
  it('names every limit, and the one that ends first for clients that know one', () => {
    expect(rateHeaders([state('key', 1200, 900, 17), state('organization', 3000, 12, 44)])).toEqual({
      'RateLimit-Policy': '"key";q=1200;w=60, "organization";q=3000;w=60',
      RateLimit: '"key";r=900;t=17, "organization";r=12;t=44',
      'RateLimit-Limit': '3000',
      'RateLimit-Remaining': '12',
      'RateLimit-Reset': '44',
    });
  });

  it('takes of two that are used up the one that lasts longer', () => {
    expect(rateHeaders([state('key', 5, 0, 17), state('organization', 9, 0, 44)])).toMatchObject({
      'RateLimit-Limit': '9',
      'RateLimit-Reset': '44',
    });
  });

  it('says nothing where nothing is limited', () => {
    expect(rateHeaders([])).toEqual({});
  });
});
