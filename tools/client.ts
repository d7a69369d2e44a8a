/** `npm run client` writes what the TypeScript client has from the service; with `--check` it only compares. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clientSources } from './client-sources.js';

const root = `${import.meta.dirname}/..`;

for (const [file, text] of Object.entries(await clientSources())) {
  const path = `${root}/${file}`;
  if (!process.argv.includes('--check')) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${file} is not what the service says: run npm run client and commit it.\n`);
    process.exitCode = 1;
  }
}
