import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PAGE = join(import.meta.dirname, '../../dist/console');
/** Compressed, as browsers get it. */
const MAX_FIRST_LOAD = 200_000;
const MAX_FURTHER_VIEW = 100_000;
/** Until somebody can read and write: the page, its inbox, and the connection for events. */
const MAX_UNTIL_INBOX = 190_000;

interface Chunk {
  file: string;
  src?: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
}

const manifest = JSON.parse(readFileSync(join(PAGE, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
const entry = Object.keys(manifest).find((key) => manifest[key]!.isEntry)!;

/** A chunk with all that has to be there before it runs. */
function needed(key: string, found = new Set<string>()): Set<string> {
  if (!found.has(key)) {
    found.add(key);
    manifest[key]!.imports?.forEach((other) => needed(other, found));
  }
  return found;
}

const sizeOf = (keys: Iterable<string>): number =>
  [...keys].reduce((sum, key) => sum + statSync(join(PAGE, `${manifest[key]!.file}.br`)).size, 0);

const first = needed(entry);
const views = Object.keys(manifest).filter((key) => /\/\w+View\.tsx$/.test(key));

it('is small enough to be there at once', () => {
  expect(sizeOf(first)).toBeLessThan(MAX_FIRST_LOAD);
});

it('is small with the inbox and events, too', () => {
  const events = Object.keys(manifest).find((key) => key.includes('socket.io-client'))!;
  const all = new Set([...first, ...needed('src/views/inbox/InboxView.tsx'), ...needed(events)]);
  expect(sizeOf(all)).toBeLessThan(MAX_UNTIL_INBOX);
});

it('knows the views', () => {
  expect(views).toContain('src/views/numbers/NumbersView.tsx');
  expect(views.length).toBeGreaterThan(1);
});

it.each(views)('reads little more for %s', (view) => {
  const more = [...needed(view)].filter((key) => !first.has(key));
  expect(sizeOf(more)).toBeLessThan(MAX_FURTHER_VIEW);
});

it('has no file whose place in memory surprises: all of them together', () => {
  const bytes = readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(PAGE, name)))
    .filter((stat) => stat.isFile())
    .reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeLessThan(10_000_000);
});
