import { registerHooks } from 'node:module';

/**
 * To be preloaded (`node --import ./bench/hooks.ts …`): Node runs the TypeScript of this folder as it is. Imports of
 * `src/` are taken from the build, because what is measured is what runs, and because decorators need a compiler.
 */
const bench = new URL('./', import.meta.url).href;
const source = new URL('../src/', import.meta.url).href;
const build = new URL('../dist/', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !context.parentURL?.startsWith(bench)) {
      return next(specifier, context);
    }
    const { href } = new URL(specifier, context.parentURL);
    return next(
      href.startsWith(source) ? build + href.slice(source.length) : href.replace(/\.js$/, '.ts'),
      context,
    );
  },
});
