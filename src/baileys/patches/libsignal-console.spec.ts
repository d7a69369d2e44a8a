import { readdirSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { libraryText } from '../../../test/support/library-socket.js';
import { silenceLibsignal } from './libsignal-console.js';

/** @returns how each line begins that libsignal can write */
function linesOfLibrary(): string[] {
  const folder = new URL('../../../node_modules/libsignal/src/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => libraryText(`libsignal/src/${file}`).replaceAll(/^\s*\/\/.*$/gm, ''))
    .flatMap((text) =>
      [...text.matchAll(/console\.\w+\(\s*(.)([^'"`]*)/g)].map(([, quote, line]) => quote! + line!),
    )
    .map((text) => (/^['"`]/.test(text) ? text.slice(1) : text));
}

it('drops every line that libsignal writes, and no other', () => {
  const written: unknown[] = [];
  const methods = ['log', 'info', 'warn', 'error'] as const;
  methods.forEach((method) =>
    vi.spyOn(console, method).mockImplementation((line) => void written.push(line)),
  );
  silenceLibsignal();
  const lines = linesOfLibrary();
  lines.forEach((line) => methods.forEach((method) => globalThis.console[method](line, {})));
  globalThis.console.log('ours');

  expect(lines.length).toBeGreaterThan(10);
  expect(written).toEqual(['ours']);
});
