import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { DISCONNECT_REASONS, PAIRING_ENDS, sentenceOf } from './disconnect-reasons.js';

it('tells people of every way in which linking can end, in the documentation, too', async () => {
  const page = await readFile(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith('Linking a phone ends without a link'));
  const rows = [...(section ?? '').matchAll(/^\| `([a-z_]+)` /gm)].map(([, reason]) => reason);

  expect(new Set(rows)).toEqual(new Set(Object.keys(PAIRING_ENDS)));
});

it('has a sentence for each reason, and none for what it does not know', () => {
  expect(Object.keys(DISCONNECT_REASONS).map(sentenceOf)).not.toContain(undefined);
  expect(sentenceOf('no_answer')).toBeUndefined();
  expect(sentenceOf('toString')).toBeUndefined();
});
