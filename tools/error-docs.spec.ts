import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../src/common/errors/catalogue.js';
import { errorDocs } from './error-docs.js';

describe('docs/errors.md', () => {
  it('is what npm run errors writes', async () => {
    const page = await readFile(`${import.meta.dirname}/../docs/errors.md`, 'utf8');

    expect(page).toBe(await errorDocs());
  });

  it('has each code once, and lines that can be read', async () => {
    const lines = (await errorDocs()).split('\n');

    const codes = lines.flatMap((line) => /^- `([a-z_]+)` \(/.exec(line)?.[1] ?? []);
    expect(codes.toSorted()).toEqual(ERROR_CODES.toSorted());
    expect(lines.filter((line) => line.length > 160)).toEqual([]);
  });
});
