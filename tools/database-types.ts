/** `npm run types` writes the types of the database as its migrations make it; with `--check` it only compares. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { generateTypescript, sortGeneratorMetadata } from '@supabase/postgrest-typegen/generation';
import { introspect } from '@supabase/postgrest-typegen/introspection';
import { format, resolveConfig } from 'prettier';
import { withCheckedValues } from './checked-values.js';

const root = `${import.meta.dirname}/..`;
const migrations = `${root}/supabase/migrations`;
const target = 'src/supabase/database.types.ts';
const HEAD = '// Written by `npm run types` from supabase/migrations: do not edit.\n\n';

const text = HEAD + (await generate());
if (!process.argv.includes('--check')) {
  await writeFile(`${root}/${target}`, text);
} else if ((await readFile(`${root}/${target}`, 'utf8').catch(() => '')) !== text) {
  process.stderr.write(`${target} is not what the migrations say: run npm run types and commit it.\n`);
  process.exitCode = 1;
}

async function generate(): Promise<string> {
  const database = await PGlite.create();
  try {
    for (const name of (await readdir(migrations)).filter((file) => file.endsWith('.sql')).sort()) {
      await database.exec(await readFile(`${migrations}/${name}`, 'utf8'));
    }
    const catalog = await introspect(
      { query: (sql) => database.query(sql) },
      { includedSchemas: ['public'] },
    );
    const config = await resolveConfig(`${root}/${target}`);
    return await generateTypescript(sortGeneratorMetadata(withCheckedValues(catalog)), {
      format: (code) => format(code, { ...config, parser: 'typescript' }),
    });
  } finally {
    await database.close();
  }
}
