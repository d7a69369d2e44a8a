/**
 * `npm run schema` writes what `supabase/schema` changes into the newest migration, `-- --check` only compares, and
 * `-- --new <what>` begins a migration. The baseline stays as it was released.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { migrationOf, namesOf, type SchemaFile, withNames } from './schema-script.js';

const supabase = `${import.meta.dirname}/../supabase`;
const PREFLIGHT = '00_preflight.sql';

const { check, new: subject } = parseArgs({
  options: { check: { type: 'boolean' }, new: { type: 'string' } },
}).values;
if (subject !== undefined && !/^[a-z][a-z_]*$/.test(subject)) {
  throw new Error(
    `--new takes what the migration is about, in small letters and underscores: not ${subject}`,
  );
}

const files = await readFiles('schema');
const preflight = files.find(({ name }) => name === PREFLIGHT)!;
preflight.sql = withNames(preflight.sql, namesOf(files));

const migrations = await readFiles('migrations');
if (subject !== undefined) {
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  migrations.push({ name: `${time}_auzap_${subject}.sql`, sql: '' });
}
const [baseline, ...later] = migrations;
const newest = later.pop() ?? { name: 'a later migration', sql: '' };
const earlier = [baseline!, ...later].map(({ sql }) => sql);
const text = migrationOf(files, earlier, newest.sql);

const isFirst = migrations.length === 1;
if (isFirst && text !== migrationOf([], [], '')) {
  throw new Error(
    'supabase/schema is newer than the baseline: begin a migration with npm run schema -- --new <what>',
  );
}
const written = {
  [`schema/${PREFLIGHT}`]: preflight.sql,
  ...(isFirst ? {} : { [`migrations/${newest.name}`]: text }),
};
for (const [file, sql] of Object.entries(written)) {
  if (check !== true) {
    await writeFile(`${supabase}/${file}`, sql);
  } else if ((await readFile(`${supabase}/${file}`, 'utf8').catch(() => '')) !== sql) {
    process.stderr.write(
      `supabase/${file} is not what supabase/schema says: run npm run schema and commit it.\n`,
    );
    process.exitCode = 1;
  }
}

/** @param folder in `supabase` */
async function readFiles(folder: string): Promise<SchemaFile[]> {
  const names = (await readdir(`${supabase}/${folder}`)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(`${supabase}/${folder}/${name}`, 'utf8') })),
  );
}
