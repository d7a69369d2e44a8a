import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * `node test/chaos/main.ts --help`: Node runs the TypeScript of this folder as it is. Imports of `src/` are taken from the
 * build, because what is tested is what was built, and because decorators need a compiler.
 */
const tests = pathToFileURL(`${resolve(import.meta.dirname, '..')}/`).href;
const source = new URL('../src/', tests).href;
const build = new URL(`../${builtFolder(process.argv)}/`, tests).href;

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !context.parentURL?.startsWith(tests)) {
      return next(specifier, context);
    }
    const { href } = new URL(specifier, context.parentURL);
    return next(
      href.startsWith(source) ? build + href.slice(source.length) : href.replace(/\.js$/, '.ts'),
      context,
    );
  },
});

const { runCommand } = await import('./command.js');
process.exitCode = await runCommand(process.argv.slice(2));

function builtFolder(args: readonly string[]): string {
  const at = args.indexOf('--dist');
  return args[at < 0 ? -1 : at + 1] ?? 'dist';
}
