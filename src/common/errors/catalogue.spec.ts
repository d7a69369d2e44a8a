import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERROR_SUBJECTS, errorEntry, isErrorCode } from './catalogue.js';

describe('the catalogue of errors', () => {
  it('has each code once', () => {
    const all = Object.values(ERROR_SUBJECTS).flatMap((entries) => Object.keys(entries));

    expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
    expect(all.toSorted()).toEqual(ERROR_CODES.toSorted());
  });

  it.each(ERROR_CODES)('says of %s what it means, and what to do', (code) => {
    const { status, sentence, when } = errorEntry(code);

    expect(code).toMatch(/^[a-z][a-z_]+$/);
    expect(sentence).toMatch(/^[A-Z][^\n]*\.$/);
    expect(when).toMatch(/^[A-Z`][^\n]*\.$/);
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it('says when to come back where that helps, and nowhere else', () => {
    for (const code of ERROR_CODES) {
      const { status, retryAfterSeconds } = errorEntry(code);
      expect(retryAfterSeconds !== undefined, code).toBe(status === 429 || status === 503);
    }
  });

  it('knows what is in it alone', () => {
    expect(isErrorCode('instance_not_found')).toBe(true);
    expect(isErrorCode('constructor')).toBe(false);
  });
});
