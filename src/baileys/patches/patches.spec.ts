import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file !== 'patches.spec.ts');
const patches = files.filter((file) => !file.endsWith('.spec.ts'));
const checklist = readFileSync(new URL('docs/baileys-upgrade.md', ROOT), 'utf8');

/** @returns the files of libraries that a patch says that it depends on */
function dependencies(patch: string): string[] {
  const text = readFileSync(new URL(patch, import.meta.url), 'utf8');
  const named = [...text.matchAll(/`(node_modules\/[^`]+)`/g)].map(([, path]) => path!);
  const baileys = 'node_modules/@whiskeysockets/baileys/';
  const others = [...text.matchAll(/`(lib\/[^`]+\.js)`/g)].map(([, path]) => baileys + path!);
  return [...named, ...others];
}

describe.each(patches)('%s', (patch) => {
  it('names files of a library that exist', () => {
    const named = dependencies(patch);

    expect(named).not.toEqual([]);
    expect(named.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  });

  it('has a contract test, and its line in the checklist for the next version', () => {
    expect(files).toContain(patch.replace('.ts', '.spec.ts'));
    expect(checklist).toContain(`\`${patch}\``);
  });
});
