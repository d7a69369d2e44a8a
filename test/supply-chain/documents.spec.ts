import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'docs/recipes/README.md',
  'clients/typescript/README.md',
  'examples/react/README.md',
];
const FOLDERS = [
  'src',
  'test',
  'tools',
  'bench',
  'supabase',
  'docs',
  'integrations',
  'clients/typescript/src',
  'console/src',
  'examples',
];
/** A file in code quotes; `<thing>.ts` and `NN_things.sql` stand for any. */
const FILE = /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|sql|md))`/g;

const files = [
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `/${folder}/${name.replaceAll('\\', '/')}`,
    ),
  ),
  ...readdirSync(ROOT).map((name) => `/${name}`),
];

it.each(DOCUMENTS)('%s names only files that there are', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const named = [...text.matchAll(FILE)].map(([, name]) => name!).filter((name) => !name.includes('NN_'));

  expect(named.filter((name) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});
