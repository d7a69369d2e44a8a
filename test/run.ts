/** `node test/run.ts chaos --help`, likewise `cluster`, `differential`, `hosted` and `supply-chain`: runs the command of that folder. */
await import(new URL('hooks.ts', import.meta.url).href);

const [folder, ...args] = process.argv.slice(2);
const command = await commandOf(folder);
process.exitCode = await command.runCommand(args);

async function commandOf(name: string | undefined): Promise<{ runCommand(args: string[]): Promise<number> }> {
  switch (name) {
    case 'supply-chain':
      return import('./supply-chain/command.js');
    case 'hosted':
      return import('./hosted/command.js');
    case 'differential':
      return import('./differential/command.js');
    case 'cluster':
      return import('./cluster/command.js');
    default:
      return import('./chaos/command.js');
  }
}
