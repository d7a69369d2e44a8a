import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { messagePage } from './message-docs.js';

it('is what the table of kinds is (npm run docs writes it)', async () => {
  const page = `${import.meta.dirname}/../docs/messages.md`;

  const written = await format(messagePage(await readFile(page, 'utf8')), { parser: 'markdown' });

  await expect(written).toMatchFileSnapshot(page);
});

it('refuses a page in which a part has no place', () => {
  expect(() => messagePage('# Messages\n')).toThrow('no place for types');
});
