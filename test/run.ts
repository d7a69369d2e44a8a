import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * `node test/run.ts chaos --help`, likewise `cluster` and `supply-chain`: runs the command of that folder. Node runs the TypeScript
 * here as it is. Imports of `src/` are taken from the build, because what is tested is what was built, and because decorators
 * need a compiler.
 */
const tests = pathToFileURL(`${import.meta.dirname}/`).href;
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

const [folder, ...args] = process.argv.slice(2);
const command = await commandOf(folder);
process.exitCode = await command.runCommand(args);

async function commandOf(name: string | undefined): Promise<{ runCommand(args: string[]): Promise<number> }> {
  switch (name) {
    case 'supply-chain':
      return import('./supply-chain/command.js');
    case 'cluster':
      return import('./cluster/command.js');
    default:
      return import('./chaos/command.js');
  }
}

function builtFolder(all: readonly string[]): string {
  const at = all.indexOf('--dist');
  return all[at < 0 ? -1 : at + 1] ?? 'dist';
}
