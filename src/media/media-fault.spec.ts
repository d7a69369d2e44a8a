import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { MEDIA_FAULTS } from './media-fault.js';

it('each reason is told in docs/messages.md', async () => {
  const page = await readFile(new URL('../../docs/messages.md', import.meta.url), 'utf8');

  const told = [...page.matchAll(/`(media_\w+)`/g)].map(([, code]) => code!);
  expect([...new Set(told)].toSorted()).toEqual(Object.keys(MEDIA_FAULTS).toSorted());
});
