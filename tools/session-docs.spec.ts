import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { sessionPage } from './session-docs.js';

it('is what the table of transitions and the reasons are (npm run docs writes it)', async () => {
  const page = `${import.meta.dirname}/../docs/sessions.md`;

  const written = await format(sessionPage(await readFile(page, 'utf8')), { parser: 'markdown' });

  await expect(written).toMatchFileSnapshot(page);
});

it('refuses a page in which a part has no place', () => {
  expect(() => sessionPage('# Sessions\n')).toThrow('no place for diagram');
});
