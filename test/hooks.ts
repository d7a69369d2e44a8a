import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Loaded before anything else: Node runs the TypeScript of `test`, `bench` and `tools` as it is. Imports of `src/` are taken
 * from the build (`--dist <folder>`, by default `dist`), because what is tested and measured is what runs, and because
 * decorators need a compiler.
 */
const root = pathToFileURL(`${import.meta.dirname}/../`).href;
const source = new URL('src/', root).href;
const build = new URL(`${builtFolder(process.argv)}/`, root).href;
const asTheyAre = [new URL('test/', root).href, new URL('bench/', root).href, new URL('tools/', root).href];

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context;
    if (!specifier.startsWith('.') || !asTheyAre.some((folder) => parentURL?.startsWith(folder))) {
      return next(specifier, context);
    }
    const { href } = new URL(specifier, parentURL);
    return next(
      href.startsWith(source) ? build + href.slice(source.length) : href.replace(/\.js$/, '.ts'),
      context,
    );
  },
});

function builtFolder(all: readonly string[]): string {
  const at = all.indexOf('--dist');
  return all[at < 0 ? -1 : at + 1] ?? 'dist';
}
