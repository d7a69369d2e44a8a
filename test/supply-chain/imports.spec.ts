import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const IMPORT = /(?:^(?:import|export)(?:[\w\s{},*]*\bfrom)? |\bimport\()'([^'.\n][^'\n]*)'/gm;

/** `@scope/name` or `name`, of what is imported. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

it('imports in what is shipped only what `npm prune --omit=dev` leaves', async () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const folders = ['src', 'integrations/common', 'integrations/mcp', 'integrations/chatwoot'];
  const names = (
    await Promise.all(
      folders.map(async (folder) =>
        (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(folder, name)),
      ),
    )
  )
    .flat()
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  const imported = new Set<string>();
  for (const name of names) {
    for (const [, specifier] of (await readFile(join(ROOT, name), 'utf8')).matchAll(IMPORT)) {
      if (!isBuiltin(specifier!)) {
        imported.add(packageOf(specifier!));
      }
    }
  }

  expect(imported.size).toBeGreaterThan(20);
  expect([...imported].filter((name) => !(name in dependencies))).toEqual([]);
});
