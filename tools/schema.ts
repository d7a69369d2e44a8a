/** `npm run schema` writes the baseline migration from `supabase/schema`; with `--check` it only compares. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { baselineOf, namesOf, type SchemaFile, withNames } from './schema-script.js';

const supabase = `${import.meta.dirname}/../supabase`;
const PREFLIGHT = '00_preflight.sql';
const BASELINE = 'migrations/20251201000000_auzap_baseline.sql';

const names = (await readdir(`${supabase}/schema`)).filter((name) => name.endsWith('.sql')).sort();
const files: SchemaFile[] = await Promise.all(
  names.map(async (name) => ({ name, sql: await readFile(`${supabase}/schema/${name}`, 'utf8') })),
);
const preflight = files.find(({ name }) => name === PREFLIGHT)!;
preflight.sql = withNames(preflight.sql, namesOf(files));

const written = { [`schema/${PREFLIGHT}`]: preflight.sql, [BASELINE]: baselineOf(files) };
for (const [file, text] of Object.entries(written)) {
  if (!process.argv.includes('--check')) {
    await writeFile(`${supabase}/${file}`, text);
  } else if ((await readFile(`${supabase}/${file}`, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(
      `supabase/${file} is not what supabase/schema says: run npm run schema and commit it.\n`,
    );
    process.exitCode = 1;
  }
}
